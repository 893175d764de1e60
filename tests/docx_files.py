"""DOCX files put together part by part, as word processors write them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import BytesIO

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
NAMESPACES = (
    f'xmlns:w="{_WORD}" xmlns:r="{_RELATIONS}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PACKAGE_TYPE = "application/vnd.openxmlformats-package"
STYLES = """
<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="t"><w:name w:val="Title"/><w:basedOn w:val="a"/></w:style>
<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/></w:style>
<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/><w:basedOn w:val="a"/></w:style>
<w:style w:type="paragraph" w:styleId="own"><w:name w:val="章标题"/><w:basedOn w:val="1"/></w:style>
<w:style w:type="paragraph" w:styleId="zh"><w:name w:val="标题 2"/></w:style>
<w:style w:type="paragraph" w:styleId="cap"><w:name w:val="caption"/></w:style>
<w:style w:type="paragraph" w:styleId="toc1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="bold"><w:name w:val="Loud"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="clause"><w:name w:val="Clause"/>
 <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
"""


def p(
    text: str, style: str = "", properties: str = "", run: str = "", after: str = ""
) -> str:
    """A paragraph; ``properties``, ``run`` and ``after``: XML in its properties, its run's and after it."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    shown = (
        f'<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'
        if text
        else ""
    )
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{shown}{after}</w:p>"


def listed(text: str, number: int = 1, level: int = 0, style: str = "") -> str:
    """A paragraph that Word numbers."""
    place = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return p(text, style, place)


def tc(content: str, span: int = 1, merge: str = "", run: str = "") -> str:
    """A cell; of those merged over rows ``merge`` is ``restart`` for the first, else ``continue``."""
    merged = f'<w:vMerge w:val="{merge}"/>' if merge else ""
    body = content if content.startswith("<") else p(content, run=run)
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/>{merged}</w:tcPr>{body}</w:tc>'


def tr(*cells: str, properties: str = "") -> str:
    """A row of cells, or of texts."""
    inside = "".join(cell if cell.startswith("<w:tc>") else tc(cell) for cell in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inside}</w:tr>"


def tbl(*rows: str) -> str:
    """A table of rows."""
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def lvl(
    level: int, text: str, form: str = "decimal", start: int = 1, more: str = ""
) -> str:
    """A level of a list."""
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def abstract(key: int, *levels: str, more: str = "") -> str:
    """A list of such levels."""
    return f'<w:abstractNum w:abstractNumId="{key}">{more}{"".join(levels)}</w:abstractNum>'


def num(key: int, abstract_key: int, overrides: str = "") -> str:
    """A list that paragraphs count in."""
    return f'<w:num w:numId="{key}"><w:abstractNumId w:val="{abstract_key}"/>{overrides}</w:num>'


def restart(level: int, start: int) -> str:
    """What lets a ``num`` start anew."""
    return f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{start}"/></w:lvlOverride>'


def docx_of(
    body: str,
    *,
    numbering: str = "",
    footnotes: Sequence[str] = (),
    endnotes: Sequence[str] = (),
    headers: Sequence[str] = (),
    footers: Sequence[str] = (),
) -> bytes:
    """The file.

    Args:
        footnotes: their texts; the first is anchored by ``note(1)``. ``endnotes`` likewise.
        headers: the XML in each head of a page, ``footers`` that in each foot.
    """
    parts: dict[str, tuple[str, str]] = {
        "styles": ("styles", _root("styles", STYLES)),
        "numbering": ("numbering", _root("numbering", numbering)),
        "footnotes": ("footnotes", _root("footnotes", _notes("footnote", footnotes))),
        "endnotes": ("endnotes", _root("endnotes", _notes("endnote", endnotes))),
    }
    parts |= {
        f"header{i}": ("header", _root("hdr", xml)) for i, xml in enumerate(headers)
    }
    parts |= {
        f"footer{i}": ("footer", _root("ftr", xml)) for i, xml in enumerate(footers)
    }
    references = "".join(
        f'<w:{kind}Reference w:type="default" r:id="{name}"/>'
        for name, (kind, _) in parts.items()
        if kind in ("header", "footer")
    )
    document = _root(
        "document", f"<w:body>{body}<w:sectPr>{references}</w:sectPr></w:body>"
    )
    return _zipped(document, parts)


def note(number: int, kind: str = "footnote") -> str:
    """A run that anchors a note."""
    return f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'


def _root(tag: str, xml: str) -> str:
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><w:{tag} {NAMESPACES}>{xml}</w:{tag}>"
    )


def _notes(kind: str, texts: Sequence[str]) -> str:
    rule = f'<w:{kind} w:type="separator" w:id="0">{p("———")}</w:{kind}>'
    return rule + "".join(
        f'<w:{kind} w:id="{i}">{p(t)}</w:{kind}>' for i, t in enumerate(texts, 1)
    )


def _zipped(document: str, parts: dict[str, tuple[str, str]]) -> bytes:
    relations, types = "", ""
    for name, (kind, _) in parts.items():
        relations += f'<Relationship Id="{name}" Type="{_RELATIONS}/{kind}" Target="{name}.xml"/>'
        types += (
            f'<Override PartName="/word/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>'
        )
    main = f'<Relationship Id="m" Type="{_RELATIONS}/officeDocument" Target="word/document.xml"/>'
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types">'
            f'<Default Extension="rels" ContentType="{_PACKAGE_TYPE}.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{_TYPE}.document.main+xml"/>'
            f"{types}</Types>",
        )
        opened = f'<Relationships xmlns="{_PACKAGE}/relationships">'
        archive.writestr("_rels/.rels", f"{opened}{main}</Relationships>")
        archive.writestr(
            "word/_rels/document.xml.rels", f"{opened}{relations}</Relationships>"
        )
        archive.writestr("word/document.xml", document)
        for name, (_, xml) in parts.items():
            archive.writestr(f"word/{name}.xml", xml)
    return out.getvalue()
