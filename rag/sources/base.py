"""What every reader takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.records import Block, Cell, Role, WarningKind
from rag.sources.cleaning import clean
from rag.text.blocks import moved

CELL_SEPARATOR = " | "
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost.

    ``max_bytes`` and ``max_characters`` bound the file and its text, ``max_pieces`` the documents, the blocks
    and the passages that it may make, each for itself; ``seconds`` (wall clock and CPU time) and
    ``memory_bytes`` (address space) bound the process that parses it.
    """

    max_bytes: int = 32 * MEBIBYTE
    max_characters: int = 5_000_000
    max_pieces: int = 200_000
    seconds: float = 20.0
    memory_bytes: int = 1024 * MEBIBYTE


ON_THIS_MACHINE = Limits(
    max_bytes=256 * MEBIBYTE,
    max_characters=20_000_000,
    max_pieces=400_000,
    seconds=120.0,
    memory_bytes=2048 * MEBIBYTE,
)
"""For files that the command line names: whoever runs it has the disk, and waits for nobody else."""


@dataclass(frozen=True, slots=True)
class Article:
    """What a format declares to be one document.

    With ``blocks`` (spans in ``text``; see ``ArticleBuilder``) the text is clean already. Without, it is
    running text: paragraphs stand between blank lines, and structure is told from the lines.
    """

    text: str
    title: str | None = None
    published: str | None = None
    blocks: tuple[Block, ...] = ()


class ArticleBuilder:
    """Puts an article together block by block, and knows the span of each.

    builder = ArticleBuilder()
    builder.add("heading", "第一章 总则", level=1)
    builder.add("paragraph", "……")
    builder.add_row(["型号", "重量"], head=True, table=1)
    builder.add_row(["甲", "2 kg"], heads=["型号", "重量"], table=1)
    article = builder.article(title="……")
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._blocks: list[Block] = []
        self._heads: dict[str, str] = {}
        self._length = 0

    def add(
        self,
        role: Role,
        text: str,
        *,
        level: int = 0,
        page: int | None = None,
        table: int | None = None,
        label: str | None = None,
        ocr: bool = False,
        tight: bool = False,
    ) -> None:
        """Add a block; one without any text is passed over.

        White space around it is left out, but for what indents the first line of ``code``.

        Args:
            level: of a heading (1 is the outermost) or a list item (1 is not nested).
            page: the page or slide that it stands on, from 1.
            table: groups the rows, captions and notes of one table.
            label: the speaker or the time of a ``turn``.
            tight: it stands on the line below the last block, such as an entry of a log.
        """
        body = clean(text)
        body = body.strip("\n").rstrip() if role == "code" else body.strip()
        if body:
            start = self._begin(role, table, tight)
            self._put(body)
            self._blocks.append(
                Block(
                    role, start, self._length, level, page, table, label=label, ocr=ocr
                )
            )

    def add_row(
        self,
        cells: Sequence[str],
        heads: Sequence[str] = (),
        *,
        head: bool = False,
        table: int | None = None,
        page: int | None = None,
        ocr: bool = False,
    ) -> None:
        """Add a row of a table: its cells on one line, `` | `` between them.

        Args:
            heads: what each cell stands under, two header rows joined as ``2023年 / 产量``; fewer than cells
                leaves the rest without one.
            head: the row is one of heads.
        """
        texts = [" ".join(clean(cell).split()) for cell in cells]
        if not any(texts):
            return
        start = self._begin("table_row", table)
        spans: list[Cell] = []
        at = start
        for number, text in enumerate(texts):
            if text:
                name = self._head(heads[number]) if number < len(heads) else ""
                spans.append(Cell(name, at, at + len(text)))
            at += len(text) + len(CELL_SEPARATOR)
        self._put(CELL_SEPARATOR.join(texts))
        role: Role = "table_head" if head else "table_row"
        self._blocks.append(
            Block(
                role,
                start,
                self._length,
                page=page,
                table=table,
                cells=tuple(spans),
                ocr=ocr,
            )
        )

    def _head(self, name: str) -> str:
        """A head, cleaned once for all the rows below it."""
        if name not in self._heads:
            self._heads[name] = " ".join(clean(name).split())
        return self._heads[name]

    def add_pair(self, key: str, value: str, *, table: int | None = None) -> None:
        """Add a row that names its own head: ``key: value``, of which the value is the cell.

        A key without a value is passed over.
        """
        name, text = (" ".join(clean(part).split()) for part in (key, value))
        if text:
            start = self._begin("table_row", table)
            self._put(f"{name}: " if name else "")
            cell = Cell(name, self._length, self._length + len(text))
            self._put(text)
            self._blocks.append(
                Block("table_row", start, self._length, table=table, cells=(cell,))
            )

    def append(self, article: Article) -> None:
        """Add all of an article, such as a chapter; of one without blocks, its paragraphs.

        Its tables are counted on from those that are here, so that no two share a number.
        """
        if not article.blocks:
            for paragraph in article.text.split("\n\n"):
                self.add("paragraph", paragraph)
            return
        tables = max((block.table or 0 for block in self._blocks), default=0)
        start = self._begin(article.blocks[0].role, None)
        self._put(article.text)
        for block in article.blocks:
            table = None if block.table is None else block.table + tables
            self._blocks.append(replace(moved(block, start), table=table))

    def article(
        self, title: str | None = None, published: str | None = None
    ) -> Article:
        """What was added so far."""
        return Article("".join(self._pieces), title, published, tuple(self._blocks))

    def _begin(self, role: Role, table: int | None, tight: bool = False) -> int:
        """Part the new block from the last: rows of one table and items of one list stand line by line."""
        if self._blocks:
            last = self._blocks[-1]
            same_table = table is not None and table == last.table
            same_list = role == last.role == "list_item"
            self._put("\n" if tight or same_table or same_list else "\n\n")
        return self._length

    def _put(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)


@dataclass(frozen=True, slots=True)
class Reading:
    """The articles of a file in order, and the encoding they were in (``binary`` where that says nothing).

    ``warnings`` are ``(kind, detail)`` for what of the file was left out, such as a scanned page.
    """

    articles: tuple[Article, ...]
    encoding: str
    warnings: tuple[tuple[WarningKind, str], ...] = ()


Reader = Callable[[bytes, Limits], Reading]


class ReadingError(Exception):
    """A reader's word that it cannot go on: ``why`` completes "report.pdf: …". Never leaves the package."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class NoTextError(ReadingError):
    """There is nothing in the file that could be read."""


class TooLargeError(ReadingError):
    """The file, or what unfolds from it, is over a limit."""


class OverLimitError(ReadingError):
    """Reading it took longer, or more memory, than it may."""


def one_line(error: Exception, limit: int = 100) -> str:
    """What a parser says of its failure, short enough to stand in a sentence."""
    return " ".join(str(error).split())[:limit]
