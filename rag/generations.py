"""The vectors of every passage by one encoder: a generation, made whole before it is used."""

from __future__ import annotations

from collections.abc import Callable

from models.encoder import Encoder
from rag.errors import StoreReadOnly
from rag.store import Store

EMBED_BATCH = 256


def whole_generation(store: Store, encoder: Encoder, on_progress: Callable[[int, int], None] | None) -> int:
    """The generation of this encoder, its missing vectors made; older ones go once it is whole."""
    generation = store.generation(encoder.fingerprint, encoder.dimension)
    total, done = store.counts()["passages"], store.count_vectors(generation)
    batch: list[tuple[int, str]] = []
    for row in [*store.missing_vectors(generation), None] if done < total else []:
        if row is not None:
            batch.append(row)
        if batch and (row is None or len(batch) == EMBED_BATCH):
            store.add_vectors(
                generation, [id_ for id_, _ in batch], encoder.encode_documents([text for _, text in batch])
            )
            done += len(batch)
            batch = []
            if on_progress:
                on_progress(done, total)
    store.finish_generation(generation)
    return generation


def generation_at_hand(store: Store, encoder: Encoder) -> int:
    """The generation of this encoder in a store that cannot be written. Raises StoreReadOnly."""
    for known in store.generations():
        if known.fingerprint == encoder.fingerprint and known.whole:
            return known.id
    raise StoreReadOnly(
        f"{store.home} has no vectors of encoder {encoder.name}, and cannot be written; "
        "set the encoder that made it, or open it once where it can be written"
    )
