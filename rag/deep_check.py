"""``chuchu doctor --deep``: everything that is stored is read and held against everything else.

    for complaint in complaints(store, progress):
        ...                      "document 7 is damaged: its row has another checksum"

sources      the bytes against their SHA-256, the decoded text against its checksums
documents    the row against its checksum, the text against the source's at its map
passages     against their checksums and the document's text
vectors      one for each passage, against its checksum, finite
indexes      the file against its manifest, what is in it against vectors and texts
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from rag.answering.citing import same_letters
from rag.errors import Damaged, NotFound
from rag.indexes.dense import DENSE_INDEXES, DenseIndex
from rag.indexes.lexical import LexicalIndex
from rag.indexes.snapshot_files import Snapshots, Unusable
from rag.indexes.terms import TERMS_VERSION, terms
from rag.records import Document, Source
from rag.store.store import Generation, Store

Progress = Callable[[int, int], None]
"""Called with sources done and sources in all."""


def complaints(store: Store, on_progress: Progress | None = None) -> Iterator[str]:
    """What is not as it should be, each in a sentence that names it; nothing when all is well."""
    yield from store.check()
    shas = store.source_hashes()
    for done, sha256 in enumerate(shas, start=1):
        yield from _of_source(store, sha256)
        if on_progress:
            on_progress(done, len(shas))
    yield from _of_vectors(store)
    yield from _of_indexes(store)


def _of_source(store: Store, sha256: str) -> Iterator[str]:
    try:
        source = store.source(sha256)
    except Damaged as damage:
        yield str(damage)
        return
    except NotFound:  # deleted meanwhile
        return
    if hashlib.sha256(source.data).hexdigest() != sha256:
        yield f"source {sha256[:12]} ({source.name}): its bytes have another SHA-256"
    for document_id in store.find_source(sha256) or ():
        yield from _of_document(store, source, document_id)


def _of_document(store: Store, source: Source, document_id: int) -> Iterator[str]:
    try:
        document = store.document(document_id)
        store.document_passages(document_id)
    except Damaged as damage:
        yield str(damage)
        return
    except NotFound:
        return
    if not _stands_in(source, document):
        yield f"document {document_id} is damaged: its text is not its source's at its map"


def _stands_in(source: Source, document: Document) -> bool:
    """Whether each tile of the map holds the same characters on both sides, white space aside."""
    for start, end, at in document.map:
        if not same_letters(
            document.text[start:end], source.text[at : at + end - start]
        ):
            return False
    return True


def _of_vectors(store: Store) -> Iterator[str]:
    passages = store.passage_ids()
    for generation in store.generations():
        held: list[np.ndarray] = [np.empty(0, np.int64)]
        for ids, matrix in store.vectors(generation.id):
            held.append(ids)
            for bad in ids[~np.isfinite(matrix).all(axis=1)].tolist():
                yield f"the vector of passage {bad} is not finite"
        if generation.whole:
            for missing in np.setdiff1d(passages, np.concatenate(held)).tolist():
                yield f"passage {missing} has no sound vector of encoder {generation.fingerprint[:12]}"


def _of_indexes(store: Store) -> Iterator[str]:
    folder = store.home / "indexes"
    broken = list(_broken_files(folder))
    if broken:  # opening them would build them anew, and hide it
        yield from broken
        return
    for name in DENSE_INDEXES:
        for generation in store.generations():
            if generation.whole and _is_of(store, folder / f"{name}.json", generation):
                yield from _of_dense(
                    store, DenseIndex(store, folder, generation.id, name)
                )
    if (folder / "lexical.json").is_file():
        lexical = LexicalIndex(store, folder, terms, TERMS_VERSION)
        for passage in lexical.differing(store.texts()):
            yield f"passage {passage} has other terms in the lexical index than in its text"


def _is_of(store: Store, manifest: Path, generation: Generation) -> bool:
    """Whether a snapshot holds the vectors of a generation."""
    if not manifest.is_file():
        return False
    made_with = json.loads(manifest.read_text(encoding="utf-8")).get("made_with")
    return bool(
        made_with == f"{store.identity} {generation.fingerprint} {generation.dimension}"
    )


def _of_dense(store: Store, dense: DenseIndex) -> Iterator[str]:
    for ids, matrix in store.vectors(dense.generation):
        for passage in dense.differing(ids, matrix):
            yield f"passage {passage} has another vector in the {dense.name} index than in the store"


def _broken_files(folder: Path) -> Iterator[str]:
    for name in (*DENSE_INDEXES, LexicalIndex.name):
        try:
            Snapshots(folder, name, read_only=True).verified()
        except Unusable as error:
            yield f"the file of the {name} index {error}; it is built anew when the library is opened"
