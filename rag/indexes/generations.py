"""The vectors of every passage by one encoder: a generation.

The quick encoder's is made whole before the library opens. The deep one's is made beside it, a few passages
at a time, while the quick one answers: ``DeepVectors.start`` does it in a thread, ``finish`` at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal

from models.encoder import Encoder
from rag.errors import StoreReadOnly
from rag.indexes.dense import DenseIndex
from rag.store.store import Store

EMBED_BATCH = 256
DEEP_BATCH = 16
"""Passages between two commits: half a second on two cores, and what a crash loses."""
QUIET_SECONDS = 0.5
"""A question takes some 0.2 s from search to answer: nothing is computed beside it for so long."""
MOST_PATIENCE = 5.0
"""Seconds that questions may hold a batch up, so that a busy service gets its vectors, too."""

When = Literal["background", "at once", "later"]
"""When deep vectors are made: in a thread, before ``ingest`` returns, or once ``finish`` is called."""
Texts = Sequence[tuple[int, str]]
"""``(passage_id, text with its context)``."""
Progress = Callable[[int, int], None]
"""Called with passages done and passages in all."""

_log = logging.getLogger(__name__)


def whole_generation(
    store: Store, encoder: Encoder, on_progress: Progress | None
) -> int:
    """The generation of this encoder, its missing vectors made."""
    generation = store.generation(encoder.fingerprint, encoder.dimension)
    total, done = store.counts()["passages"], store.count_vectors(generation)
    for batch in (
        _batches(store.missing_vectors(generation), EMBED_BATCH) if done < total else ()
    ):
        vectors = encoder.encode_documents([text for _, text in batch])
        store.add_vectors(generation, [id_ for id_, _ in batch], vectors)
        done += len(batch)
        if on_progress:
            on_progress(done, total)
    store.finish_generation(
        generation, keep=[known.id for known in store.generations()]
    )
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


def _batches(texts: Iterable[tuple[int, str]], most: int) -> Iterator[Texts]:
    """As they come, ``most`` at a time."""
    left = iter(texts)
    while batch := list(islice(left, most)):
        yield batch


class DeepVectors:
    """Makes what the deep generation lacks. Methods may be called from any thread.

    Attributes:
        index: holds the passages that have their vector.
        failure: what went wrong the last time, None when nothing did; the next ``wake`` tries again.
    """

    def __init__(
        self,
        store: Store,
        encoder: Encoder,
        index: DenseIndex,
        generation: int,
        quick_generation: int,
        writing: threading.Lock,
    ) -> None:
        """``writing``: held while the store and its indexes change."""
        self.index, self.encoder = index, encoder
        self.failure: str | None = None
        self._store, self._generation, self._quick = store, generation, quick_generation
        self._writing, self._making = writing, threading.Lock()
        self._work, self._closing = threading.Event(), threading.Event()
        self._last_question = 0.0
        self._thread = threading.Thread(
            target=self._run, name="deep-vectors", daemon=True
        )

    def start(self) -> None:
        """Begin in a thread, where the last process stopped."""
        self._work.set()
        self._thread.start()

    def wake(self) -> None:
        """Passages came."""
        self._work.set()

    def asked(self) -> None:
        """A question is being answered: let it have the processor."""
        self._last_question = time.monotonic()

    def finish(self, on_progress: Progress | None = None) -> None:
        """Make all that is missing, and return when it is whole. Raises ModelError, StoreError."""
        self._make(on_progress)

    def close(self) -> None:
        """Finish the batch at hand and end; what is missing is made the next time."""
        self._closing.set()
        self._work.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._work.wait()
            self._work.clear()
            if self._closing.is_set():
                return
            try:
                self._make(None, self._wait_for_quiet)
                self.failure = None
            except Exception as error:  # what a model raises is no documented set
                self.failure = str(error) or type(error).__name__
                _log.warning("deep vectors are not made, quick ones go on: %s", error)

    def _make(
        self,
        on_progress: Progress | None,
        before_batch: Callable[[], None] | None = None,
    ) -> None:
        with self._making:
            while not self._closing.is_set() and not self._whole():
                for batch in _batches(
                    self._store.missing_vectors(self._generation), DEEP_BATCH
                ):
                    if before_batch:
                        before_batch()
                    if self._closing.is_set():
                        return
                    self._add(batch)
                    if on_progress:
                        on_progress(len(self.index), self._store.counts()["passages"])

    def _add(self, batch: Texts) -> None:
        vectors = self.encoder.encode_documents([text for _, text in batch])
        ids = [id_ for id_, _ in batch]
        with self._writing:  # what was deleted meanwhile is neither kept nor indexed
            self._store.add_vectors(self._generation, ids, vectors)
            self.index.add_from_store(ids)

    def _whole(self) -> bool:
        """Whether nothing is missing; then the store is told, and what other encoders left goes."""
        with self._writing:
            if self._store.is_finished(self._generation, (self._quick,)):
                return True
            if next(self._store.missing_vectors(self._generation), None) is not None:
                return False
            self._store.finish_generation(self._generation, (self._quick,))
            return True

    def _wait_for_quiet(self) -> None:
        patience = time.monotonic() + MOST_PATIENCE
        while not self._closing.is_set():
            left = min(self._last_question + QUIET_SECONDS, patience) - time.monotonic()
            if left <= 0:
                return
            self._closing.wait(left)
