"""How good the translation model is on sentence pairs that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence

import bm25s
import numpy as np
import numpy.typing as npt
import rjieba

from models.training.translation_corpus import HANZI, STOP_WORDS_ZH, SentencePair
from models.translation import Translation, Translator


def evaluate(
    translator: Translator,
    pairs: Sequence[SentencePair],
    others: Sequence[SentencePair] = (),
    limit: int = 4,
) -> dict[str, float]:
    """Figures from 0 to 1 over held-out pairs.

    ``coverage``: share of the Chinese content words that a translation of the English sentence gives.
    ``precision``: share of translated content phrases with a translation in the Chinese sentence;
    ``precision@1``: with their first one. ``known``: share of content phrases that are known at all.
    ``recall@10``, ``mrr@10``: the Chinese sentence sought with its English one, by BM25, among
    those of ``pairs`` and ``others``.
    """
    translated = [translator.to_chinese(pair.english_text, limit) for pair in pairs]
    covered = words = right = first = known = phrases = 0
    for pair, segments in zip(pairs, translated, strict=True):
        content = {
            w for w in pair.chinese if HANZI.search(w) and w not in STOP_WORDS_ZH
        }
        offered = {
            p
            for s in segments
            for target, _ in s.targets
            for p in (target, *_pieces(target))
        }
        covered += len(content & offered)
        words += len(content)
        spoken = [s for s in segments if s.content and not s.source[0].isdigit()]
        phrases += len(spoken)
        known += sum(bool(s.targets) for s in spoken)
        right += sum(
            any(target in pair.chinese_text for target, _ in s.targets) for s in spoken
        )
        first += sum(s.targets[0][0] in pair.chinese_text for s in spoken if s.targets)
    ranks = _ranks(translated, [pair.chinese_text for pair in (*pairs, *others)])
    return {
        "coverage": covered / words,
        "precision": right / known,
        "precision@1": first / known,
        "known": known / phrases,
        "recall@1": float(np.mean(ranks < 1)),
        "recall@10": float(np.mean(ranks < 10)),
        "mrr@10": float(np.mean(np.where(ranks < 10, 1 / (ranks + 1), 0.0))),
    }


def evaluate_backward(
    translator: Translator, pairs: Sequence[SentencePair], limit: int = 4
) -> float:
    """Share of the known Chinese content words with a translation in the English sentence."""
    right = known = 0
    for pair in pairs:
        english = pair.english_text.lower()
        for word in {
            w for w in pair.chinese if HANZI.search(w) and w not in STOP_WORDS_ZH
        }:
            if targets := translator.to_english(word, limit):
                known += 1
                right += any(target.lower() in english for target, _ in targets)
    return right / known


def _pieces(chinese: str) -> list[str]:
    return [str(piece) for piece in rjieba.cut_for_search(chinese)]


def _ranks(
    queries: Sequence[Sequence[Translation]], texts: Sequence[str]
) -> npt.NDArray[np.int64]:
    """The rank, from 0, of text ``i`` for query ``i``; a tie counts against it."""
    index = bm25s.BM25()
    index.index([_pieces(text) for text in texts], show_progress=False)
    scores: dict[str, npt.NDArray[np.float32]] = {}

    def score(word: str) -> npt.NDArray[np.float32]:
        if word not in scores:
            known = word in index.vocab_dict
            scores[word] = (
                index.get_scores([word]) if known else np.zeros(len(texts), np.float32)
            )
        return scores[word]

    ranks = []
    for number, segments in enumerate(queries):
        total = np.zeros(len(texts), np.float32)
        for segment in segments:
            if segment.content and segment.targets:
                total += np.max(
                    [sum(map(score, _pieces(t))) * p**0.5 for t, p in segment.targets],
                    axis=0,
                )
        ranks.append(int((total >= total[number]).sum()) - 1)
    return np.array(ranks)
