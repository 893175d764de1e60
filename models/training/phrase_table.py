"""From aligned sentences and a lexicon to P(zh | en phrase) and P(en phrase | zh)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import rjieba

from models.english import ARTICLES, STOP_WORDS, Token, key, tokens
from models.training.alignment import Aligner, Options, Pair, phrases
from models.training.cedict import Gloss
from models.training.translation_corpus import HANZI, SentencePair

Targets = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The numbers that were tried; ``LOG-translation.md`` says with what result."""

    alignment: Options = field(default_factory=Options)
    lexicon_weight: float = 0.5
    """Weight of a lexicon gloss against a sentence pair when aligning."""
    prior: float = 1.0
    """How many occurrences in parallel text the lexicon is worth (the Dirichlet prior's mass)."""
    usage: float = 0.5
    """Power of a Chinese word's frequency in the news when lexicon synonyms compete."""
    least_count: int = 2
    """Occurrences a phrase of several English words needs."""
    least_share: float = 0.3
    """Of a phrase's occurrences, how many must agree on its best translation."""
    least_mutual: float = 0.5
    """Of a Chinese word's occurrences, how many must go with the phrase to make it a term."""
    rare: int = 4
    """From this many occurrences on, a word's translation seen once must be one word, or in the lexicon."""
    keep: int = 6
    least_probability: float = 0.02


@dataclass(slots=True)
class Evidence:
    """Counts of aligned phrase pairs, and of every English key, and spellings of words."""

    pairs: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    occurrences: Counter[str] = field(default_factory=Counter)
    chinese: Counter[str] = field(default_factory=Counter)
    spellings: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )


def gather(
    pairs: Sequence[SentencePair],
    lexicon: Mapping[str, Sequence[Gloss]],
    recipe: Recipe,
) -> Evidence:
    """Align sentence pairs, the lexicon helping, and count the phrase pairs of the sentences."""
    aligner = _align(pairs, lexicon, recipe)
    evidence = Evidence()
    for pair, links in zip(pairs, aligner.links(), strict=False):
        forms = [token.form for token in pair.english]
        evidence.chinese.update(pair.chinese)
        _count_occurrences(evidence, pair, forms)
        for i1, i2, j1, j2 in phrases(links, len(forms), len(pair.chinese)):
            chinese = "".join(pair.chinese[j1:j2])
            # Words with a mark between them ("北京、上海") are no phrase of the text.
            together = HANZI.search(chinese) and chinese in pair.chinese_text
            if together and _bounded(pair.english[i1:i2]):
                evidence.pairs[" ".join(forms[i1:i2])][chinese] += 1
    return evidence


def _align(
    pairs: Sequence[SentencePair],
    lexicon: Mapping[str, Sequence[Gloss]],
    recipe: Recipe,
) -> Aligner:
    english: dict[str, int] = {}
    chinese: dict[str, int] = {}

    def ids(words: Iterable[str], table: dict[str, int]) -> list[int]:
        return [table.setdefault(word, len(table)) for word in words]

    numbered: list[Pair] = []
    for pair in pairs:
        source = ids((token.form for token in pair.english), english)
        target = ids(pair.chinese, chinese)
        numbered.append((source, target, 1.0))
    for word, glosses in lexicon.items():
        target = ids(rjieba.cut(word), chinese)
        for gloss, weight in glosses:
            forms = [token.form for token in gloss_words(gloss)]
            if forms:
                source = ids(forms, english)
                numbered.append((source, target, weight * recipe.lexicon_weight))
    return Aligner(numbered, (len(english), len(chinese)), recipe.alignment)


def _count_occurrences(
    evidence: Evidence, pair: SentencePair, forms: Sequence[str]
) -> None:
    for start, token in enumerate(pair.english):
        written = pair.english_text[token.start : token.end]
        evidence.spellings[token.form][written] += 1
        for end in range(start + 1, min(len(forms), start + 5) + 1):
            evidence.occurrences[" ".join(forms[start:end])] += 1


def _bounded(words: Sequence[Token]) -> bool:
    """A phrase of several words neither begins nor ends with a function word."""
    return len(words) == 1 or not (words[0].stop or words[-1].stop)


def lexicon_table(
    lexicon: Mapping[str, Sequence[Gloss]], usage: Mapping[str, int], power: float
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]], dict[str, str]]:
    """``(P(zh | key), P(key | zh), spelling of each form)`` from the lexicon alone.

    Among the words that share a gloss, the one that the news uses more is the likelier.
    """
    forward: dict[str, dict[str, float]] = defaultdict(dict)
    backward: dict[str, dict[str, float]] = defaultdict(dict)
    spellings: dict[str, str] = {}
    for word, glosses in lexicon.items():
        # Of two words for one gloss, met 100 times and never, the former is 22 times likelier.
        frequency = (usage.get(word, 0) + 0.2) ** power
        for gloss, weight in glosses:
            found = gloss_words(gloss)
            phrase = key(token.form for token in found)
            if not phrase:
                continue
            for token in found:
                spellings.setdefault(token.form, gloss[token.start : token.end])
            if len(found) == 1 or _is_term(gloss, found, usage.get(word, 0)):
                words = forward[phrase]
                words[word] = max(words.get(word, 0.0), weight * frequency)
            phrases_of = backward[word]
            phrases_of[phrase] = max(phrases_of.get(phrase, 0.0), weight)
    return _shares(forward), _shares(backward), spellings


def gloss_words(gloss: str) -> list[Token]:
    """The words of a gloss, without articles and without a verb's ``to``."""
    found = [token for token in tokens(gloss) if token.form not in ARTICLES]
    return found[1:] if gloss.startswith("to ") else found


def _is_term(gloss: str, found: Sequence[Token], used: int) -> bool:
    """Whether a gloss of several words names something, rather than explains a word at length.

    Verb phrases (``to be absorbed in``), glosses that a function word opens or closes, and those of
    words that the news does not use would only hide the translations of their words.
    """
    named = gloss[:1].isupper()
    return _bounded(found) and not gloss.startswith("to ") and (named or used > 0)


def _shares(table: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    shares = {}
    for row, cells in table.items():
        total = sum(cells.values())
        shares[row] = {column: value / total for column, value in cells.items()}
    return shares


def forward_table(
    evidence: Evidence, prior: Mapping[str, Mapping[str, float]], recipe: Recipe
) -> dict[str, Targets]:
    """P(zh | key): counts smoothed by the lexicon, ``(c + mass * P_lexicon) / (C + mass)``."""

    def mixed(phrase: str) -> Targets:
        counts: Mapping[str, int] = evidence.pairs.get(phrase, {})
        occurrences = evidence.occurrences[phrase]
        return _mixed(counts, occurrences, prior.get(phrase, {}), recipe)

    phrases_seen = set(evidence.pairs) | set(prior)
    # Single words first: whether a phrase is worth keeping is seen beside its words.
    singles: dict[str, Targets] = {}
    for phrase in phrases_seen:
        if " " not in phrase and not phrase[0].isdigit():
            singles[phrase] = mixed(phrase)
    table = {phrase: targets for phrase, targets in singles.items() if targets}
    for phrase in phrases_seen:
        if " " not in phrase:
            continue
        if phrase in prior or _worth_keeping(phrase, evidence, singles, recipe):
            targets = mixed(phrase)
            if targets:
                table[phrase] = targets
    return table


def _worth_keeping(
    phrase: str, evidence: Evidence, singles: Mapping[str, Targets], recipe: Recipe
) -> bool:
    """Frequent, consistent, and a term: not just the words' own translations one after the other.

    A term is also one that is nearly alone in giving its Chinese word (``intellectual property``).
    """
    counts = evidence.pairs[phrase]
    best, count = counts.most_common(1)[0]
    # Met ten times, it must have been translated alike three times.
    consistent = count >= recipe.least_share * evidence.occurrences[phrase]
    if count < recipe.least_count or not consistent:
        return False
    if count >= recipe.least_mutual * evidence.chinese[best] > 0:
        return True
    # "red book" as 红书 says nothing that "red" and "book" do not.
    word_by_word: set[str] = set()
    for word in phrase.split():
        word_by_word.update(target for target, _ in singles.get(word, ())[:4])
    return not set(rjieba.cut(best)) <= word_by_word


def _mixed(
    counts: Mapping[str, int],
    occurrences: int,
    prior: Mapping[str, float],
    recipe: Recipe,
) -> Targets:
    mass = recipe.prior if prior else 1.0
    total = max(occurrences, sum(counts.values())) + mass
    scores: dict[str, float] = {}
    for word, count in counts.items():
        # Seen once among many: a slip of the alignment, unless something else speaks for it.
        trusted = count > 1 or occurrences < recipe.rare or word in prior
        if trusted or len(rjieba.cut(word)) == 1:
            scores[word] = count / total
    for word, share in prior.items():
        scores[word] = scores.get(word, 0.0) + recipe.prior * share / total
    return _best(scores, recipe)


def backward_table(
    evidence: Evidence,
    prior: Mapping[str, Mapping[str, float]],
    known: Iterable[str],
    recipe: Recipe,
) -> dict[str, Targets]:
    """P(key | zh) for single words and for the phrases that ``known`` lists."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for phrase in known:
        for word, count in evidence.pairs.get(phrase, {}).items():
            if phrase not in STOP_WORDS:
                counts[word][phrase] = count
    table: dict[str, Targets] = {}
    for word in set(counts) | set(prior):
        if word not in prior and counts[word].total() < recipe.least_count:
            continue
        occurrences = evidence.chinese[word]
        targets = _mixed(counts[word], occurrences, prior.get(word, {}), recipe)
        if targets:
            table[word] = targets
    return table


def _best(scores: Mapping[str, float], recipe: Recipe) -> Targets:
    kept = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[: recipe.keep]
    return [(word, score) for word, score in kept if score >= recipe.least_probability]
