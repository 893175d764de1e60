"""Whether one text goes on from another: the network as it is read, as it was trained, and as it ships."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from models.pages.continuation import AFTER, BEFORE, Continuation
from models.pages.features import GOES_ON
from models.pages.ngrams import VOCABULARY, normalise
from models.pages.reading import page_reader
from models.training.pages_continuation import (
    Batches,
    Towers,
    contrast,
    resume,
    save,
    train,
)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Steps so small that a second thread only waits for the first."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def towers() -> Towers:
    torch.manual_seed(3)
    return Towers(size=8, hidden=12, out=6).eval()


def opened(net: Towers, folder: Path) -> Continuation:
    path = folder / "continuation.safetensors"
    save(net, path)
    return Continuation.load(path)


def ratios(read: Continuation, texts: list[np.ndarray]) -> np.ndarray:
    ends, starts = read(texts)
    return ends @ starts.T


def test_numpy_reads_as_torch_trained(towers: Towers, tmp_path: Path) -> None:
    drawn = np.random.default_rng(1)
    texts = [drawn.integers(0, VOCABULARY, size) for size in (5, 1, BEFORE + 30, 40)]
    found = ratios(opened(towers, tmp_path), texts)
    for i, first in enumerate(texts):
        for j, second in enumerate(texts):
            before = torch.tensor(first[-BEFORE:].copy())[None]
            after = torch.tensor(second[:AFTER][::-1].copy())[None]
            with torch.no_grad():
                left = towers.before_out(
                    towers.before(towers.characters(before))[0][0, -1]
                )
                right = towers.after_out(
                    towers.after(towers.characters(after))[0][0, -1]
                )
            assert found[i, j] == pytest.approx(float(left @ right), abs=2e-3)


def test_training_goes_on_from_what_was_saved(towers: Towers, tmp_path: Path) -> None:
    save(towers, tmp_path / "continuation.safetensors")
    again = Towers(size=8, hidden=12, out=6)
    resume(again, tmp_path / "continuation.safetensors")
    for name, weights in again.state_dict().items():
        assert torch.allclose(weights, towers.state_dict()[name], atol=1e-3), name


def test_what_is_longer_than_the_sight_counts_no_more(
    towers: Towers, tmp_path: Path
) -> None:
    drawn = np.random.default_rng(2)
    near, far = drawn.integers(1, 99, BEFORE), drawn.integers(1, 99, 50)
    read = opened(towers, tmp_path)
    plain, longer = (
        ratios(read, [near, near]),
        ratios(read, [np.concatenate([far, near]), near]),
    )
    assert longer[0, 1] == pytest.approx(plain[0, 1])


def test_overlapping_places_are_no_rivals() -> None:
    logits = torch.tensor([[5.0, 9.0, 0.0], [9.0, 5.0, 0.0], [0.0, 0.0, 5.0]])
    blind = torch.zeros(3, 3, dtype=torch.bool)
    apart = contrast(logits, blind)
    blind[0, 1] = blind[1, 0] = True
    assert float(contrast(logits, blind)) < 0.1 < float(apart)


def counting(articles: int, length: int = 300) -> list[np.ndarray]:
    """Texts that count up, each in numbers of its own."""
    return [
        (np.arange(length) + number * 1000).astype(np.int16)
        for number in range(articles)
    ]


def test_each_place_stands_between_what_is_before_it_and_what_is_after() -> None:
    for batch in Batches(counting(12), [0], size=2500, every=6.5)(seed=1):
        assert torch.equal(batch.before[batch.ends] + 1, batch.after[batch.starts])


def test_what_can_be_read_before_says_nothing_of_what_can_be_read_after() -> None:
    """Were the two to add up to one number, it would be that which is learned."""
    batch = next(Batches(counting(30), [0], size=8000, every=3.0)(seed=2))
    before, after = batch.ends[1].double(), batch.starts[1].double()
    assert abs(float(torch.corrcoef(torch.stack([before, after]))[0, 1])) < 0.2


def test_places_whose_texts_overlap_are_blind_to_each_other() -> None:
    batch = next(Batches(counting(2), [0], size=500, every=10.0)(seed=3))
    ends = batch.before[batch.ends].long()
    starts = batch.after[batch.starts].long()
    first = ends - batch.ends[1]  # the first number that is read before each place
    last = starts + batch.starts[1]  # and the last that is read after
    overlap = (starts[None, :] <= ends[:, None]) & (last[None, :] >= first[:, None])
    overlap.fill_diagonal_(fill_value=False)
    assert bool((batch.blind | ~overlap).all())
    assert not bool(batch.blind.diagonal().any())


def test_training_learns_what_follows_what(tmp_path: Path) -> None:
    """Sequences that count up: what follows is the next number, and nothing else."""
    torch.manual_seed(1)
    drawn = np.random.default_rng(5)
    texts = [
        (np.arange(150) + drawn.integers(1, 30)).astype(np.int16) for _ in range(64)
    ]
    net = Towers(size=16, hidden=32, out=16, dropout=0.0)
    batches = Batches(texts, [0], size=800, every=8.0)
    train(
        net,
        batches,
        epochs=20,
        per_epoch=8,
        rate=1e-2,
        out=tmp_path / "continuation.safetensors",
    )
    pieces = [np.arange(at, at + 30) for at in (20, 50, 30, 60, 40, 70)]
    found = ratios(opened(net, tmp_path), pieces)
    np.fill_diagonal(found, -np.inf)
    assert [int(found[i].argmax()) for i in (0, 2, 4)] == [1, 3, 5]


def test_the_shipped_one_finds_what_a_column_cut() -> None:
    models = page_reader().models
    halves = [
        "市图书馆昨天宣布，从下个月起，所有分馆的开放时间将延长到晚",
        "上十点，周末也不例外，读者可以凭借书证免费使用自习室。",
        "由于连日暴雨，山区多条公路出现塌方，交通部门已经派出三百多名工",
        "人连夜抢修，预计明天中午之前可以恢复通车。",
        "这家企业去年投入两亿元用于研发新型电池，产品的续航里程比上一",
        "代提高了百分之三十，订单已经排到了后年。",
        "球队主教练在赛后的发布会上表示，年轻队员的表现超出了他的预",
        "期，下半场的换人起到了关键作用。",
    ]
    texts = [normalise(half) for half in halves]
    ends, starts = models.characters.ends(texts), models.characters.starts(texts)
    near = models.characters.goes_on(
        np.repeat(ends, 8, axis=0), np.tile(starts, (8, 1))
    ).sum(axis=1)
    found = ratios(models.continuation, [models.characters.ids(text) for text in texts])
    found += GOES_ON * near.reshape(8, 8)
    np.fill_diagonal(found, -np.inf)
    assert [int(found[i].argmax()) for i in range(0, 8, 2)] == [1, 3, 5, 7]
