"""One thread in which an encoder computes for every caller: questions first, those that wait as one batch.

    encoder = BatchingEncoder(Encoder.load("chuchu-encoder"))

An :class:`~models.encoder.Encoder` is safe from one thread at a time; this is safe from any. Whatever
gathered while a batch was computed makes up the next one, so nobody waits for a batch to fill. Documents
are encoded in slices that last about ``SLICE_SECONDS``: that is how long a question may stand behind an
upload.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from models.arrays import Floats
from models.encoder import Encoder, Progress, Role
from models.errors import ModelError

SLICE_SECONDS = 0.05
MOST_TEXTS = 256
"""In one batch or slice."""
FIRST_SLICE = 8


@dataclass(frozen=True, slots=True)
class _Call:
    """Texts that wait for their vectors."""

    texts: Sequence[str]
    vectors: Future[Floats] = field(default_factory=Future)


class BatchingEncoder(Encoder):
    """An encoder that is safe from any thread. Close it when done; closed, it raises ModelError."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder.name, encoder._backend, encoder.fingerprint)
        self._encoder = encoder
        self._queries: deque[_Call] = deque()
        self._slices: deque[_Call] = deque()
        self._slice_length = FIRST_SLICE
        self._waiting = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(
            target=self._compute, name="encoder", daemon=True
        )
        self._thread.start()

    def again(self) -> BatchingEncoder:
        """The same weights behind a thread of its own."""
        return BatchingEncoder(self._encoder)

    def close(self) -> None:
        """Finish what waits, then end the thread. Closing twice does nothing more."""
        with self._waiting:
            self._closed = True
            self._waiting.notify()
        self._thread.join()

    def _encode(
        self, texts: Sequence[str], role: Role, on_progress: Progress | None
    ) -> Floats:
        if role == "query":
            return self._submit(self._queries, texts).result()
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        done = 0
        while done < len(texts):
            piece = texts[done : done + self._slice_length]
            encoded = self._submit(self._slices, piece).result()
            vectors[done : done + len(piece)] = encoded
            done += len(piece)
            if on_progress:
                on_progress(done, len(texts))
        return vectors

    def _submit(self, queue: deque[_Call], texts: Sequence[str]) -> Future[Floats]:
        call = _Call(texts)
        with self._waiting:
            if self._closed:
                raise ModelError(f"encoder {self.name!r} is closed")
            queue.append(call)
            self._waiting.notify()
        return call.vectors

    def _compute(self) -> None:
        while True:
            with self._waiting:
                self._waiting.wait_for(
                    lambda: self._queries or self._slices or self._closed
                )
                batch = _batch(self._queries)
                piece: _Call | None = None
                # Questions first: a slice is taken only when none waits.
                if self._slices and not batch:
                    piece = self._slices.popleft()
            if batch:
                _answer(batch, self._encoder.encode_queries)
            elif piece:
                self._encode_slice(piece)
            else:
                return

    def _encode_slice(self, piece: _Call) -> None:
        begun = time.perf_counter()
        _answer([piece], self._encoder.encode_documents)
        rate = len(piece.texts) / max(time.perf_counter() - begun, 1e-6)
        # 8 texts in .03 s are 266 a second, and 13 of those last .05 s; it at most doubles.
        wanted = min(int(rate * SLICE_SECONDS), 2 * self._slice_length, MOST_TEXTS)
        self._slice_length = max(1, wanted)


def _batch(queue: deque[_Call]) -> list[_Call]:
    """As many calls as fit into a batch, the oldest first; a longer call is one of its own."""
    batch: list[_Call] = []
    texts = 0
    while queue and (not batch or texts + len(queue[0].texts) <= MOST_TEXTS):
        batch.append(queue.popleft())
        texts += len(batch[-1].texts)
    return batch


def _answer(batch: Sequence[_Call], encode: Callable[[Sequence[str]], Floats]) -> None:
    try:
        vectors = encode([text for call in batch for text in call.texts])
    except Exception as error:
        # Whoever waits must hear of it; the thread lives on for the others.
        for call in batch:
            call.vectors.set_exception(error)
        return
    start = 0
    for call in batch:
        end = start + len(call.texts)
        call.vectors.set_result(vectors[start:end])
        start = end
