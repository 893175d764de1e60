"""Many threads, one encoder: every caller gets its own vectors, questions pass uploads."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from models import batching
from models.batching import BatchingEncoder
from models.encoder import Encoder, Floats, Role
from models.errors import ModelError


class Lengths:
    """A backend whose vector of a text is its length; it records its batches and can be held."""

    dimension = 1

    def __init__(self) -> None:
        self.batches: list[tuple[Role, int]] = []
        self.threads: set[int] = set()
        self.held = threading.Event()
        self.go = threading.Event()
        self.go.set()

    def encode(self, texts: Sequence[str], role: Role) -> Iterator[Floats]:
        self.batches.append((role, len(texts)))
        self.threads.add(threading.get_ident())
        self.held.set()
        assert self.go.wait(10)
        if "fail" in texts:
            raise ModelError("told to")
        yield np.array([[len(text)] for text in texts], np.float32)


@pytest.fixture
def backend() -> Lengths:
    return Lengths()


@pytest.fixture
def encoder(backend: Lengths) -> Iterator[BatchingEncoder]:
    encoder = BatchingEncoder(Encoder("lengths", backend, "f"))
    yield encoder
    backend.go.set()
    encoder.close()


def hold(backend: Lengths, pool: ThreadPoolExecutor, encoder: BatchingEncoder) -> None:
    """Have the encoder's thread stand in a batch, so that what comes next gathers."""
    backend.go.clear()
    pool.submit(encoder.encode_queries, ["held"])
    assert backend.held.wait(10)


def gathered(encoder: BatchingEncoder, count: int) -> None:
    """Wait until ``count`` calls wait."""
    while len(encoder._queries) + len(encoder._slices) < count:
        threading.Event().wait(0.001)


def test_it_is_the_encoder_it_wraps(encoder: BatchingEncoder) -> None:
    assert (encoder.name, encoder.dimension, encoder.fingerprint) == ("lengths", 1, "f")
    assert encoder.encode_queries(["a", "bb"]).tolist() == [[1], [2]]
    assert encoder.encode_documents(["ccc"]).tolist() == [[3]]
    assert encoder.encode_documents([]).shape == (0, 1)


def test_every_thread_gets_its_own_vectors(
    encoder: BatchingEncoder, backend: Lengths
) -> None:
    def ask(number: int) -> bool:
        texts = ["x" * number, "x" * (number + 1)]
        return encoder.encode_queries(texts).tolist() == [[number], [number + 1]]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(200)))
    assert len(backend.threads) == 1


def test_questions_that_wait_together_are_one_batch(
    encoder: BatchingEncoder, backend: Lengths
) -> None:
    with ThreadPoolExecutor(8) as pool:
        hold(backend, pool, encoder)
        waiting = [pool.submit(encoder.encode_queries, ["x" * n]) for n in range(1, 6)]
        gathered(encoder, 5)
        backend.go.set()
        assert [future.result(10).tolist() for future in waiting] == [
            [[n]] for n in range(1, 6)
        ]
    assert backend.batches == [("query", 1), ("query", 5)]


def test_question_passes_an_upload(encoder: BatchingEncoder, backend: Lengths) -> None:
    with ThreadPoolExecutor(8) as pool:
        hold(backend, pool, encoder)
        upload = pool.submit(encoder.encode_documents, ["d"] * 100)
        gathered(encoder, 1)
        question = pool.submit(encoder.encode_queries, ["q"])
        gathered(encoder, 2)
        backend.go.set()
        assert question.result(10).tolist() == [[1]]
        assert upload.result(10).tolist() == [[1]] * 100
    roles = [role for role, _ in backend.batches]
    assert roles[:3] == ["query", "query", "document"]
    assert (
        max(length for role, length in backend.batches if role == "document")
        <= batching.MOST_TEXTS
    )
    assert roles.count("document") > 1, "an upload is computed in slices"


def test_progress_ends_at_the_whole(encoder: BatchingEncoder) -> None:
    told: list[tuple[int, int]] = []
    encoder.encode_documents(["d"] * 50, lambda done, total: told.append((done, total)))
    assert told[-1] == (50, 50)
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_failure_reaches_its_callers_and_the_thread_goes_on(
    encoder: BatchingEncoder,
) -> None:
    with pytest.raises(ModelError, match="told to"):
        encoder.encode_queries(["fail"])
    with pytest.raises(ModelError, match="told to"):
        encoder.encode_documents(["d", "fail"])
    assert encoder.encode_queries(["again"]).tolist() == [[5]]


def test_closed_encoder_says_so(encoder: BatchingEncoder) -> None:
    encoder.close()
    encoder.close()
    with pytest.raises(ModelError, match="closed"):
        encoder.encode_queries(["q"])
