"""A small store to test with: texts become sources, their lines documents, their sentences passages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.indexes.dense import DenseIndex
from rag.indexes.lexical import LexicalIndex
from rag.records import Document, Part, Passage, Source
from rag.store.store import Added, Matrix, Store

DIMENSION = 8


def source_of(text: str, name: str = "toy.txt") -> Source:
    data = text.encode()
    return Source(
        name,
        hashlib.sha256(data).hexdigest(),
        data,
        text,
        "text/plain",
        "utf-8",
        (Part(0, len(text)),),
    )


def documents_of(
    text: str, published: str | None = None
) -> list[tuple[Document, list[Passage]]]:
    """A document for each line, a passage for each piece up to and with a ``。``."""
    found, at = [], 0
    for line in text.split("\n"):
        document = Document(
            0, line[:10], line, "", "", ((0, len(line), at),), published=published
        )
        passages, start = [], 0
        for piece in line.split("。"):
            end = min(start + len(piece) + 1, len(line))
            if start < end:
                passages.append(Passage(0, 0, start, end, line[start:end]))
            start = end
        found.append((document, passages))
        at += len(line) + 1
    return found


def vectors_of(texts: Sequence[str]) -> Matrix:
    """A unit vector for each text that depends on nothing else."""
    digests = b"".join(
        hashlib.blake2b(text.encode(), digest_size=DIMENSION).digest() for text in texts
    )
    rows = (
        np.frombuffer(digests, np.uint8).reshape(-1, DIMENSION).astype(np.float32)
        - 127.5
    )
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def put(
    store: Store, text: str, published: str | None = None, name: str = "toy.txt"
) -> Added:
    """Add a text under the generation ``toy``."""
    documents = documents_of(text, published)
    texts = [passage.text for _, passages in documents for passage in passages]
    return store.add(
        source_of(text, name), documents, vectors_of(texts), generation_of(store)
    )


def generation_of(store: Store) -> int:
    return store.generation("toy", DIMENSION)


def dense_of(store: Store) -> DenseIndex:
    return DenseIndex(store, store.home / "indexes", generation_of(store))


def lexical_of(store: Store) -> LexicalIndex:
    return LexicalIndex(store, store.home / "indexes", list, made_with="characters")


def bytes_of(folder: Path) -> bytes:
    """Everything that the files of a folder hold, but for the room held back, which is zeros."""
    files = (
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "spare"
    )
    return b"\0".join(path.read_bytes() for path in files)
