"""Kinds of files that are not read, and what to do about each."""

from __future__ import annotations

_ADVICE: tuple[tuple[str, str], ...] = (
    (".doc .dot .wps .wpt .pages .docm .dotx .hwp .wpd", "save it as .docx"),
    (".xls .xlt .xlsb .xltx .et .ett .numbers .ods .fods", "save it as .xlsx or .csv"),
    (".ppt .pps .ppsx .pptm .potx .dps .key .odp", "save it as .pptx"),
    (
        ".zip .rar .7z .tar .gz .tgz .bz2 .xz .zst .cab .iso .dmg",
        "unpack it and add the files in it",
    ),
    (".mobi .azw .azw3 .kfx .fb2 .djvu .lit", "convert it to .epub or .pdf"),
    (".msg .pst .ost .mbox", "save each message as .eml"),
    (".chm .hlp .mht .mhtml .webarchive", "save its pages as .html or .pdf"),
    (".xps .oxps .ofd .ps .eps .caj .wmf .emf", "print or convert it to .pdf"),
    (".ipynb", "export it as .md or .html"),
    (".ass .ssa .sub .sbv .ttml", "convert it to .srt or .vtt"),
    (
        ".vsd .vsdx .dwg .dxf .ai .psd .sketch .fig .xmind .mpp .one",
        "export it as .pdf",
    ),
    (
        ".gif .bmp .tif .tiff .webp .heic .heif .svg .ico .raw .avif",
        "put its text into a .txt or .docx file",
    ),
    (
        ".mp3 .wav .m4a .aac .flac .ogg .opus .wma .amr .mp4 .mov .avi .mkv .webm .wmv .flv .m4v .3gp",
        "add a transcript of it, such as .srt or .txt",
    ),
    (
        ".db .sqlite .sqlite3 .mdb .accdb .dbf .parquet .feather .arrow .sav .dta",
        "export its tables as .csv",
    ),
    (
        ".exe .dll .so .dylib .bin .msi .apk .app .deb .rpm .jar .class .pyc .pyd .o .a .wasm .node",
        "it is a program and holds no text to read",
    ),
    (
        ".pkl .pickle .npy .npz .pt .pth .onnx .safetensors .h5 .hdf5 .mat",
        "export what it says as .csv or .txt",
    ),
    (".ttf .otf .woff .woff2 .eot .ttc", "it is a font and holds no text to read"),
    (
        ".pfx .p12 .pem .crt .cer .der .jks .keystore .gpg .asc .p7m",
        "it is a key or a sealed file and is never read",
    ),
)


def _by_suffix() -> dict[str, str]:
    table: dict[str, str] = {}
    for suffixes, advice in _ADVICE:
        table.update(dict.fromkeys(suffixes.split(), advice))
    return table


ADVICE: dict[str, str] = _by_suffix()
"""What to do about a file that is not read, by suffix: ``.doc`` → ``save it as .docx``."""
