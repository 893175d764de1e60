"""What an older version of the readers took in is read again from its kept bytes when the store opens.

Each source says by which version it was read. One source is one transaction, so a process killed in the midst
has lost nothing and goes on with the next. A document keeps its id, its name and its date of intake; one that
was deleted from a source of several stays deleted.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import compress
from typing import Final

from models.encoder import Encoder
from rag import sources
from rag.contexts import searchable
from rag.errors import Damaged, InvalidValue, SourceError
from rag.records import Document, Source, Span
from rag.store.store import Store
from rag.store.writer import Read

READING_VERSION: Final = 3
"""Of readers, page repair and passages together. Raise it whenever one of them reads something otherwise:
every source of an older version is then read again at the next start."""

SHINGLE: Final = 12
"""Characters, white space aside, that stand in a text once unless it repeats itself."""

_log = logging.getLogger(__name__)


def searchable_texts(read: Read) -> list[str]:
    """The text of every passage with its context, as both indexes hold it."""
    texts: list[str] = []
    for document, passages in read:
        for passage in passages:
            texts.append(searchable(document.title, passage))
    return texts


def sha256_of(data: bytes) -> str:
    """In hex."""
    return hashlib.sha256(data).hexdigest()


def read_again(
    store: Store,
    encoder: Encoder,
    read: Callable[[Source], tuple[Source, Read]],
    on_progress: Callable[[int, int], None] | None,
) -> None:
    """Read again all that an older version read.

    Args:
        read: a source with its documents and their passages; SourceError leaves what was read before.
        on_progress: called with sources done and sources in all, before the first and after each.
    """
    stale = store.read_before(READING_VERSION)
    for done, sha256 in enumerate(stale):
        if on_progress:
            on_progress(done, len(stale))
        try:
            _read_source_again(store, encoder, read, store.source(sha256))
        except Damaged as damage:  # one bad row spoils one source, never the start
            _log.warning("a source is kept as it was read before: %s", damage)
    if stale and on_progress:
        on_progress(len(stale), len(stale))


def _read_source_again(
    store: Store,
    encoder: Encoder,
    read: Callable[[Source], tuple[Source, Read]],
    old: Source,
) -> None:
    before = store.documents_of(old.sha256)
    try:
        reading, divided = read(_decoded_again(old))
    except SourceError as error:
        _log.warning("%s is kept as it was read before: %s", old.name, error)
        store.mark_read(old.sha256, READING_VERSION)
        return
    with_text = [(document, passages) for document, passages in divided if passages]
    wanted = still_wanted(old.text, before, [document for document, _ in with_text])
    kept = list(compress(with_text, wanted))
    if not kept or _is_unchanged(store, old, before, reading, kept):
        store.mark_read(old.sha256, READING_VERSION)
        return
    generation = store.generation(encoder.fingerprint, encoder.dimension)
    vectors = encoder.encode_documents(searchable_texts(kept))
    ids = matched(before, [document for document, _ in kept])
    store.replace_reading(reading, kept, vectors, generation, READING_VERSION, ids)


def _decoded_again(old: Source) -> Source:
    """What the readers make of a source's bytes today; what they made of it before when they refuse."""
    try:
        fresh = _typed_text(old)
        if fresh is None:
            fresh = sources.read_bytes(old.data, old.name, sources.ON_THIS_MACHINE)
    except (SourceError, InvalidValue, UnicodeDecodeError) as error:
        # Other errors than ours could quote the file; the log gets their names alone.
        why = str(error) if isinstance(error, SourceError) else type(error).__name__
        _log.warning("%s is kept as it was read before: %s", old.name, why)
        return old
    return replace(fresh, name=old.name, sha256=old.sha256)


def is_typed(source: Source) -> bool:
    """Whether a source was typed and not kept in a file: its one part has its name for its title."""
    return (
        source.media_type == "text/plain"
        and len(source.parts) == 1
        and source.parts[0].title == source.name
    )


def _typed_text(old: Source) -> Source | None:
    """A text that was typed, read as that: its title and its date are no part of its bytes."""
    if not is_typed(old):
        return None
    text = old.data.decode()
    return sources.from_text(
        old.name, text, old.parts[0].published, sources.ON_THIS_MACHINE
    )


def _is_unchanged(
    store: Store, old: Source, before: Sequence[Document], reading: Source, kept: Read
) -> bool:
    """Whether nothing that is stored would change."""
    # Ids and bytes are the store's: a new reading has none.
    if replace(reading, data=b"") != replace(old, data=b"") or len(before) != len(kept):
        return False
    for document, (other, passages) in zip(before, kept, strict=True):
        if replace(document, id=0) != replace(other, id=0):
            return False
        try:
            there = store.document_passages(document.id)
        except Damaged:  # it is read again, which mends it
            return False
        stored = [replace(each, id=0, document_id=0) for each in there]
        if stored != [replace(each, id=0, document_id=0) for each in passages]:
            return False
    return True


def matched(before: Sequence[Document], after: Sequence[Document]) -> list[int]:
    """For each document of the new reading the id of the one that it stands in for, or 0.

    The one of the same title, and of the rest the first for the first: a file that was one document and is
    now three keeps its id for the one that has its title, else for the first of them.
    """
    # before: "馆讯" 4, "招聘" 5; after: "招聘", "新馆", "通知"  ->  5, 4, 0
    ids = [0] * len(after)
    left = list(before)
    for number, document in enumerate(after):
        same = next((each for each in left if each.title == document.title), None)
        if same is not None:
            ids[number] = same.id
            left.remove(same)
    for number, known in enumerate(ids):
        if left and not known:
            ids[number] = left.pop(0).id
    return ids


def still_wanted(
    old_text: str, before: Sequence[Document], after: Sequence[Document]
) -> list[bool]:
    """For each document of a new reading, whether it is none that was deleted before.

    A source whose text is all in the documents that are left had none deleted. Otherwise what is in none of
    them was: a document made up mostly of that stays away.
    """
    gone = set[str]()
    for start, end in _uncovered(old_text, before):
        gone.update(_shingles(old_text[start:end]))
    if not gone:
        return [True] * len(after)
    for document in before:
        gone.difference_update(_shingles(document.text))
    # 40 of its 100 stretches stood in what was deleted: it is another document, and stays.
    return [_share(document.text, gone) <= 0.5 for document in after]


def _uncovered(text: str, documents: Sequence[Document]) -> Iterator[Span]:
    """The stretches of a source's text that its documents do not hold, show or repeat."""
    held: list[Span] = []
    for document in documents:
        held += _source_spans(document)
    reached = 0
    for start, end in sorted(held):
        if text[reached:start].strip():
            yield reached, start
        reached = max(reached, end)
    if text[reached:].strip():
        yield reached, len(text)


def _source_spans(document: Document) -> Iterator[Span]:
    """The stretches of its source that a document holds, repeats, or shows as a caption."""
    for start, end, at in document.map:
        yield at, at + end - start
    for _, copy in document.copies:
        if copy.source_sha256 == document.source_sha256:
            yield from copy.spans
    for caption in document.layout.captions:
        yield from caption.source_spans


def _share(text: str, gone: set[str]) -> float:
    own = _shingles(text)
    return len(own & gone) / len(own) if own else 0.0


def _shingles(text: str) -> set[str]:
    """Every stretch of ``SHINGLE`` characters; a shorter text is one."""
    packed = "".join(text.split())
    if not packed:
        return set()
    last = max(len(packed) - SHINGLE, 0)
    return {packed[at : at + SHINGLE] for at in range(last + 1)}
