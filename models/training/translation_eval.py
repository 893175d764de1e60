"""How good the translation model is on sentence pairs that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence

import bm25s
import numpy as np
import rjieba

from models.arrays import Floats, Ints
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
        content = _content_words(pair)
        covered += len(content & _offered(segments))
        words += len(content)
        for segment in segments:
            # A number is its own translation: it would be right whatever was learned.
            if not segment.content or segment.source[0].isdigit():
                continue
            phrases += 1
            if not segment.targets:
                continue
            known += 1
            told = [target in pair.chinese_text for target, _ in segment.targets]
            right += any(told)
            first += told[0]
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
        for word in _content_words(pair):
            targets = translator.to_english(word, limit)
            if targets:
                known += 1
                right += any(target.lower() in english for target, _ in targets)
    return right / known


def _content_words(pair: SentencePair) -> set[str]:
    """The Chinese words of a sentence that say what it is about."""
    content: set[str] = set()
    for word in pair.chinese:
        if HANZI.search(word) and word not in STOP_WORDS_ZH:
            content.add(word)
    return content


def _offered(segments: Sequence[Translation]) -> set[str]:
    """All translations of a sentence's phrases, whole and in pieces: 知识产权, 知识, 产权."""
    offered: set[str] = set()
    for segment in segments:
        for target, _ in segment.targets:
            offered.add(target)
            offered.update(_pieces(target))
    return offered


def _pieces(chinese: str) -> list[str]:
    return [str(piece) for piece in rjieba.cut_for_search(chinese)]


def _ranks(queries: Sequence[Sequence[Translation]], texts: Sequence[str]) -> Ints:
    """The rank, from 0, of text ``i`` for query ``i``; a tie counts against it."""
    index = bm25s.BM25()
    index.index([_pieces(text) for text in texts], show_progress=False)
    nothing = np.zeros(len(texts), np.float32)
    scores: dict[str, Floats] = {}

    def score(word: str) -> Floats:
        if word not in scores:
            known = word in index.vocab_dict
            scores[word] = index.get_scores([word]) if known else nothing
        return scores[word]

    ranks: list[int] = []
    for number, segments in enumerate(queries):
        total = np.zeros(len(texts), np.float32)
        for segment in segments:
            if not segment.content or not segment.targets:
                continue
            # A phrase counts by its best translation; one of .25 by half of what it scores.
            by_target = []
            for target, share in segment.targets:
                by_target.append(sum(map(score, _pieces(target))) * share**0.5)
            total += np.max(by_target, axis=0)
        # Its own text is among those that score as much as it does.
        ranks.append(int((total >= total[number]).sum()) - 1)
    return np.array(ranks)
