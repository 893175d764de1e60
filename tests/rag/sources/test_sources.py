"""Files to sources: the table, the limits, the parts, and what no bytes may do."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import InvalidValue, SourceError, SourceTooLarge, UnsupportedFormat
from rag.records import Part, Source, Warning
from rag.sources import (
    FORMATS,
    SUFFIXES,
    Limits,
    from_text,
    look_through,
    read_bytes,
    read_path,
    walk,
)
from rag.sources.refusals import ADVICE

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
IN_PROCESS = sorted(suffix for suffix, kind in FORMATS.items() if not kind.sandboxed)
FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def check(source: Source, data: bytes) -> None:
    """What holds of every source."""
    assert source.data == data
    assert source.sha256 == hashlib.sha256(data).hexdigest()
    assert not FORBIDDEN.search(source.text)
    assert source.text.encode().decode() == source.text
    ends = [0, *(part.end for part in source.parts)]
    assert source.parts
    for before, part in zip(ends, source.parts, strict=False):
        assert before <= part.start < part.end <= len(source.text)
        assert source.text[part.start : part.end].strip()
        assert not source.text[before : part.start].strip()
    assert ends[-1] == len(source.text)


def test_a_plain_file_is_one_part() -> None:
    data = "\ufeff标题\r\n\r\n第一段。".encode()
    source = read_bytes(data, "folder/新闻.TXT")
    check(source, data)
    assert (source.name, source.text, source.encoding, source.media_type) == (
        "新闻.TXT",
        "标题\n\n第一段。",
        "utf-8",
        "text/plain",
    )
    assert source.parts == (Part(0, 8),)


def test_jsonl_parts_lie_where_they_say() -> None:
    rows = [
        {"text": "a\u202eb\r\nc", "title": " T\n1 ", "date": "2024/5/31"},
        {"text": "\ufeff"},
        {"text": "知识\ud800产权", "title": ""},
    ]
    data = "\n".join(json.dumps(row) for row in rows).encode()
    source = read_bytes(data, "x.jsonl")
    check(source, data)
    assert [source.text[part.start : part.end] for part in source.parts] == [
        "ab\nc",
        "知识\ufffd产权",
    ]
    assert [(part.title, part.published) for part in source.parts] == [
        ("T 1", "2024-05-31"),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("suffix", "text"),
    [(".html", "<p>甲</p><p>乙"), (".md", "甲\n\n乙"), (".txt", "甲\n\n乙")],
)
def test_formats_are_read_by_suffix(suffix: str, text: str) -> None:
    source = read_bytes(text.encode(), f"x{suffix}")
    check(source, text.encode())
    assert source.text == "甲\n\n乙"
    assert source.media_type == FORMATS[suffix].media_type


PROMISED = """.txt .text .md .markdown .html .htm .pdf .docx .jsonl .csv .tsv .xlsx .pptx .epub .eml .srt .vtt
.log .json .odt .rtf .py .yaml .ini .rst .org .tex .adoc"""


def test_the_table_is_what_was_promised() -> None:
    assert set(PROMISED.split()) <= set(SUFFIXES)


@pytest.mark.parametrize(
    ("name", "what_to_do"),
    [
        ("报告.doc", "save it as .docx"),
        ("表.XLS", "save it as .xlsx"),
        ("x.ppt", "save it as .pptx"),
        ("x.pages", "save it as .docx"),
        ("x.key", "save it as .pptx"),
        ("x.numbers", "save it as .xlsx"),
        ("x.wps", "save it as .docx"),
        ("archive.tar.gz", "unpack it"),
        ("x.rar", "unpack it"),
        ("x.mobi", "convert it to .epub"),
        ("x.mp4", "add a transcript"),
        ("x.exe", "it is a program"),
    ],
)
def test_a_refusal_says_what_to_do(name: str, what_to_do: str) -> None:
    suffix = re.escape(Path(name).suffix.lower())
    with pytest.raises(
        UnsupportedFormat, match=f"^{name}: {suffix} files are not read; {what_to_do}"
    ):
        read_bytes(b"text", name)


def test_what_is_read_is_not_refused() -> None:
    assert not {".docx", ".xlsx", ".pptx", ".csv", ".json", ".epub"} & set(ADVICE)


@pytest.mark.parametrize("name", ["README", "x.unheard-of", ".txt", ""])
def test_plain_text_of_no_known_kind_is_read(name: str) -> None:
    source = read_bytes("安装：运行 make。\n".encode(), name)
    assert (source.text, source.media_type) == ("安装：运行 make。\n", "text/plain")


@pytest.mark.parametrize("data", ["安装".encode("gb18030"), b"\x89PNG\r\n", b"a\0b"])
def test_other_bytes_of_no_known_kind_are_refused(data: bytes) -> None:
    with pytest.raises(
        UnsupportedFormat,
        match=r"^x\.zzz: \.zzz files are not read, and it is no plain text",
    ):
        read_bytes(data, "x.zzz")
    with pytest.raises(UnsupportedFormat, match=r"^x: its name does not say what kind"):
        read_bytes(data, "x")


def test_code_is_told_by_suffix_and_by_name() -> None:
    for name in ("a.py", "b.yaml", "Makefile", "c.ini"):
        source = read_bytes(b"all:\n\techo 1\n", name)
        assert source.media_type == "text/x-code"
        assert [block.role for block in source.parts[0].blocks] == ["code"]
    assert (
        read_bytes("标题\n====\n\n正文。".encode(), "a.rst").media_type
        == "text/x-markup"
    )


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_nothing_to_read(suffix: str) -> None:
    with pytest.raises(SourceError, match=rf"^x\{suffix}: it is empty$"):
        read_bytes(b"", f"x{suffix}")
    with pytest.raises(
        SourceError,
        match=rf"^x\{suffix}: (there is no|there are no|it is not|it is no) ",
    ):
        read_bytes(b" \r\n\t ", f"x{suffix}")


def test_limits() -> None:
    with pytest.raises(SourceTooLarge, match="larger than 1 MiB"):
        read_bytes(b"x" * (2**20 + 1), "x.txt", Limits(max_bytes=2**20))
    assert len(read_bytes(b"x" * 2**20, "x.txt", Limits(max_bytes=2**20)).text) == 2**20
    for suffix in (".txt", ".md", ".jsonl"):
        data = b'{"text": "0123456789"}'
        with pytest.raises(SourceTooLarge, match="longer than 9 characters"):
            read_bytes(data, f"x{suffix}", Limits(max_characters=9))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("C:\\Users\\me\\a.txt", "a.txt"),
        ("../../etc/a.txt", "a.txt"),
        ("a\u202etxt.b.txt", "atxt.b.txt"),
        ("a\0\nb.txt", "a\ufffd b.txt"),
        ("bad\udcffname.txt", "bad\ufffdname.txt"),
        ("x" * 5000 + ".txt", "x" * 200 + ".txt"),
    ],
)
def test_names_are_labels(name: str, label: str) -> None:
    assert read_bytes(b"text", name).name == label


# Paths


def test_read_path(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("文字".encode("gb18030"))
    source = read_path(tmp_path / "a.txt")
    assert (source.name, source.text, source.encoding) == ("a.txt", "文字", "gb18030")


def test_what_is_no_readable_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "lost.txt").symlink_to("nowhere")
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "big.txt").write_bytes(b"x" * 11)
    for name, why in [
        ("pipe.txt", "not a regular file"),
        ("lost.txt", "cannot be opened .No such file"),
        ("missing.txt", "there is no such file or folder"),
        ("folder.txt", "cannot be opened .Is a directory"),
        ("nul\0.txt", "there is no such file or folder"),
        ("big.txt", "larger than"),
    ]:
        with pytest.raises(SourceError, match=why):
            read_path(tmp_path / name, Limits(max_bytes=10))


def lay(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def walked(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in walk([folder])]


def test_walk(tmp_path: Path) -> None:
    lay(
        tmp_path,
        "b.txt",
        "a.MD",
        ".hidden.txt",
        "sub/z.pdf",
        "sub/deep/y.txt",
        ".git/x.txt",
        "aa/1.txt",
    )
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    assert walked(tmp_path) == [
        "a.MD",
        "b.txt",
        "aa/1.txt",
        "sub/z.pdf",
        "sub/deep/y.txt",
    ]
    named = [tmp_path / ".hidden.txt", tmp_path / "sub" / "deep"]
    assert list(walk(named)) == [named[0], tmp_path / "sub" / "deep" / "y.txt"]
    assert list(walk([])) == []


def test_what_is_not_read_is_named(tmp_path: Path) -> None:
    lay(tmp_path, "a.doc", "b.txt", "c.unheard-of")
    told, *files = look_through([tmp_path])
    assert isinstance(told, Warning)
    assert (told.name, told.kind) == ("a.doc", "unsupported")
    assert "save it as .docx" in told.detail
    assert files == [tmp_path / "b.txt", tmp_path / "c.unheard-of"]


def test_walk_passes_over_what_nobody_means(tmp_path: Path) -> None:
    lay(
        tmp_path,
        ".DS_Store",
        "Thumbs.db",
        "~$b.docx",
        "__pycache__/a.pyc",
        "node_modules/x/a.js",
        "b.txt",
    )
    lay(tmp_path, "__MACOSX/b.txt", "desktop.ini")
    assert walked(tmp_path) == ["b.txt"]


def test_a_readme_is_read_where_it_is_all_there_is(tmp_path: Path) -> None:
    lay(tmp_path, "README.md", "sub/readme.txt")
    assert walked(tmp_path) == ["README.md", "sub/readme.txt"]
    lay(tmp_path, "sub/a.txt")
    assert walked(tmp_path) == ["sub/a.txt"]
    assert list(walk([tmp_path / "README.md"])) == [tmp_path / "README.md"]


def test_a_missing_path_is_named_and_stops_nothing(tmp_path: Path) -> None:
    lay(tmp_path, "a.txt")
    paths = [tmp_path / "missing", tmp_path / "a.txt"]
    told, found = look_through(paths)
    assert told == Warning(str(paths[0]), "failed", "there is no such file or folder")
    assert found == paths[1]
    with pytest.raises(SourceError, match="missing: there is no such file or folder"):
        list(walk(paths))
    with pytest.raises(SourceError, match="missing: there is no such file or folder"):
        read_path(paths[0])


def test_a_link_that_leads_out_is_named_and_not_followed(tmp_path: Path) -> None:
    lay(tmp_path, "secret.txt", "folder/a.txt")
    folder = tmp_path / "folder"
    (folder / "b.txt").symlink_to("a.txt")
    (folder / "c.txt").symlink_to(tmp_path / "secret.txt")
    inside, within, outside = look_through([folder])
    assert [inside, within] == [folder / "a.txt", folder / "b.txt"]
    assert outside == Warning(
        "c.txt", "left_out", "it is a link that leads out of the folder"
    )
    assert read_path(next(walk([folder / "c.txt"]))).text == "x", (
        "who names it means it"
    )


def test_a_readme_that_leads_out_is_not_followed_either(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("x")
    (folder / "README.md").symlink_to(tmp_path / "secret.txt")
    (told,) = look_through([folder])
    assert told == Warning(
        "README.md", "left_out", "it is a link that leads out of the folder"
    )


# Text that was typed


def test_from_text() -> None:
    source = from_text(" 标\n题 ", "一\r\n二\u202e", "2024年5月31日")
    check(source, "一\n二".encode())
    assert (source.name, source.text, source.encoding) == ("标 题", "一\n二", "utf-8")
    assert source.parts == (Part(0, 3, "标 题", "2024-05-31"),)


@pytest.mark.parametrize(
    ("title", "text", "published", "key"),
    [
        (" ", "x", None, "title"),
        ("t", " \ufeff", None, "text"),
        ("t", "x", "soon", "published"),
        ("t", "x", "", "published"),
        ("t", "x", "2024-02-30", "published"),
    ],
)
def test_from_text_names_the_bad_value(
    title: str, text: str, published: str | None, key: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        from_text(title, text, published)
    assert caught.value.key == key


def test_from_text_limits() -> None:
    with pytest.raises(SourceTooLarge):
        from_text("t", "xxx", limits=Limits(max_characters=2))
    with pytest.raises(SourceTooLarge):
        from_text("t", "知", limits=Limits(max_bytes=2))


@given(
    st.text(st.characters(codec=None, categories=None), min_size=1), st.text(min_size=1)
)
def test_any_text(text: str, title: str) -> None:
    try:
        source = from_text(title, text)
    except InvalidValue as error:
        assert error.key in ("title", "text")
    else:
        check(source, source.data)
        assert source.data.decode() == source.text


# Any bytes


@given(st.binary(max_size=300), st.sampled_from(IN_PROCESS))
@settings(deadline=None, max_examples=300)
def test_any_bytes_give_a_source_or_a_source_error(data: bytes, suffix: str) -> None:
    try:
        check(read_bytes(data, f"x{suffix}"), data)
    except SourceError as error:
        assert str(error).startswith(f"x{suffix}: ")
        assert "\n" not in str(error)


PIECES = """# ·- ·1. ·> ·```\n·|·\n·\n\n·<p>·</p>·<ul><li>·<table><tr><td>·<br>·<pre>·&amp;·&#0;·&#xD800;
·---\ntitle: x\n·[a](b)·知识·\u202e·\0·\x1a·<!--·-->·<svg>·<article>·<![CDATA[·\ufeff·&#x202E;·a"""
MARKED = st.lists(
    st.sampled_from(PIECES.split("·")) | st.text(max_size=5), max_size=30
).map("".join)


@given(MARKED, st.sampled_from([".md", ".html"]))
@FEW
def test_any_marked_up_text(text: str, suffix: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    try:
        check(read_bytes(data, f"x{suffix}"), data)
    except SourceError as error:
        assert "\n" not in str(error)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"%PDF-1.7\n", b"PK\3\4", b"<p>", b"# "]),
    st.sampled_from(sorted(SUFFIXES)),
)
@FEW
def test_any_bytes_to_the_sandboxed_readers(
    data: bytes, start: bytes, suffix: str
) -> None:
    try:
        check(read_bytes(start + data, f"x{suffix}"), start + data)
    except SourceError as error:
        assert "\n" not in str(error)
