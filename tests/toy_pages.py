"""A jumbled page made by hand, with all that a layout can say: joins up and down, one of them lossy, a cut,
a copy that leaves words out and reads others differently, a caption. The articles are as a perfect reader
would have read them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.language.sentences import GAP
from rag.library import Ingested, Library
from rag.passages import split
from rag.records import (
    BlockKind,
    Caption,
    Copy,
    Document,
    Join,
    Layout,
    LayoutBlock,
    MapEntry,
    Part,
    Source,
    Span,
    Variant,
)
from rag.settings import Settings

PIECES = {
    "bridge headline": "石拱桥重新通行",
    "bridge subtitle": "——青石镇老桥修缮记",
    "bridge byline": "本报记者 田禾",
    "bridge 1": "今年春天，青石镇的石拱桥开始大修。",
    "bridge 2a": "匠人段启明拆开第二个桥墩时，在里面",
    "library headline": "图书馆夜里也开门",
    "library 1": (
        "本报青石11月20日电（记者 苗青）青石镇图书馆昨日起延长开放时间，每晚开放到二十二点。"
        "📚新添座位一百二十个。"
    ),
    "library 2": "馆长周明远说，常有读者带着",
    "bridge 3b": "桥面的石板逐块编号，再放回原处。",
    "bridge 2b": "找到一只铁盒，盒里是1931年的图纸。",
    "bridge 3a": "图纸交给了县档案馆，专家花了三个月",
    "caption": "修缮后的石拱桥。",
    "credit": "田禾摄",
    "library headline again": "图书馆夜里也开门",
    "library 1 again": (
        "本报青石11月20日电青石镇图书馆昨日起延长开放时间，每晚开放到二十一点。📚新添座位一百二十个。"
    ),
    "stray": "责任编辑 何田",
}
TEXT = "\n\n".join(PIECES.values()) + "\n"
STITCHED = "匠人段启明拆开第二个桥墩时，在里面找到一只铁盒，盒里是1931年的图纸。"
"""A sentence of the bridge's article that stands in two places of the page."""


def place(piece: str) -> Span:
    """Where a piece stands on the page."""
    names = list(PIECES)
    start = sum(len(PIECES[name]) + 2 for name in names[: names.index(piece)])
    return start, start + len(PIECES[piece])


@dataclass
class _Writing:
    """A document's text as it is put together, each block with its place."""

    text: str = ""
    map: list[MapEntry] = field(default_factory=list)
    blocks: list[LayoutBlock] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)

    def block(
        self, kind: BlockKind, piece: str, confidence: float = 1.0, glue: str = "\n\n"
    ) -> None:
        self.text += glue if self.text else ""
        (start, end), at = place(piece), len(self.text)
        self.text += PIECES[piece]
        self.map.append((at, len(self.text), start))
        self.blocks.append(
            LayoutBlock(kind, (at, len(self.text)), ((start, end),), confidence)
        )

    def join(self, piece: str, confidence: float, lossy: bool = False) -> None:
        self.block("body", piece, confidence, glue=GAP if lossy else "")
        self.joins.append(Join(self.blocks[-1].span[0], confidence, lossy))


def page(name: str = "青石日报.txt") -> Source:
    data = TEXT.encode()
    digest = hashlib.sha256(data).hexdigest()
    return Source(
        name, digest, data, TEXT, "text/plain", "utf-8", (Part(0, len(TEXT)),)
    )


def articles() -> tuple[Document, Document]:
    """The bridge's article and the library's, ids 0."""
    return _bridge(), _library()


def _bridge() -> Document:
    written = _Writing()
    for kind, piece in (
        ("headline", "headline"),
        ("subtitle", "subtitle"),
        ("byline", "byline"),
        ("body", "1"),
    ):
        written.block(kind, f"bridge {piece}")  # type: ignore[arg-type]
    written.block("body", "bridge 2a")
    written.join("bridge 2b", 0.97)
    written.block("body", "bridge 3a", 0.8)
    written.join("bridge 3b", 0.62, lossy=True)
    caption = Caption(
        PIECES["caption"], PIECES["credit"], (place("caption"), place("credit"))
    )
    return _document(
        written,
        title=PIECES["bridge headline"],
        byline="田禾",
        layout=Layout(
            captions=(caption,), subtitle="青石镇老桥修缮记", confidence=0.62
        ),
    )


def _library() -> Document:
    written = _Writing()
    written.block("headline", "library headline")
    written.block("body", "library 1", 0.99)
    written.block("body", "library 2", 0.9)
    (headline, first), text = (block.span for block in written.blocks[:2]), written.text
    printings = [
        Copy("", page().sha256, (place(piece),))
        for piece in ("library headline again", "library 1 again")
    ]
    left_out, changed = "（记者 苗青）", "二十二"
    again, printed = PIECES["library 1 again"], place("library 1 again")[0]
    lacks, reads = printed + again.index("青石镇"), printed + again.index("二十一")
    out, at = text.index(left_out), text.index(changed)
    return _document(
        written,
        title=PIECES["library headline"],
        byline="苗青",
        dateline="本报青石11月20日电",
        place="青石",
        published="2024-11-20",
        copies=((headline, printings[0]), (first, printings[1])),
        layout=Layout(
            cuts=(len(text),),
            variants=(
                Variant((out, out + len(left_out)), "", ((lacks, lacks),)),
                Variant((at, at + len(changed)), "二十一", ((reads, reads + 3),)),
            ),
            kicker="文化",
            agency="本报",
            published_from="11月20日 in the dateline, 2024 elsewhere on the page",
            confidence=0.9,
        ),
    )


def _document(written: _Writing, *, layout: Layout, **fields: object) -> Document:
    source = page()
    copies = fields.pop("copies", ())
    return Document(
        id=0,
        text=written.text,
        source_name=source.name,
        source_sha256=source.sha256,
        map=tuple(written.map),
        copies=tuple(
            (span, replace(copy, source_name=source.name)) for span, copy in copies
        ),  # type: ignore[attr-defined]
        layout=replace(
            layout, blocks=tuple(written.blocks), joins=tuple(written.joins)
        ),
        **fields,  # type: ignore[arg-type]
    )


def put_page(library: Library) -> Ingested:
    """Take the page in as read here, whatever the library would read."""
    documents = [(document, split(document)) for document in articles()]
    texts = [passage.text for _, passages in documents for passage in passages]
    vectors = library._dense.encode(texts)
    return library._take_in(page(), documents, vectors)


def page_home(home: Path) -> Path:
    """A data folder that holds the page."""
    with Library.open(Settings(home=home, encoder="quick")) as library:
        put_page(library)
    return home
