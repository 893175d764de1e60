"""How near the documents that were read off a page come to its gold: counts that runs sum up over pages.

A metric is ``(part, whole)``: its value over many pages is the sum of the parts over that of the wholes, so
that a page weighs as much as it holds. Where a page has nothing to count (no copies, say), the whole is 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from eval.pages.fields import fields_right
from eval.pages.gold import GoldPage
from eval.pages.mistakes import Count, Mistake, Tally, head, tail
from eval.pages.placement import Glued, Place, follow, glued, places, repeats, run_on
from rag.records import Document


@dataclass(frozen=True, slots=True)
class Scored:
    """A page's counts by metric, and what went wrong on it."""

    counts: dict[str, Count]
    assignment_f1: float
    mistakes: tuple[Mistake, ...]


def score(page: GoldPage, documents: Sequence[Document]) -> Scored:
    """Score the documents of one page; each count's function says which convention it follows."""
    at = places(page, documents)
    seams = glued(page, documents)
    owners = _owners(page, at)
    articles = [block.article for block in page.blocks]
    precision, recall = bcubed(articles, _clusters(at))
    blocks = float(len(page.blocks))
    counts: dict[str, Count] = {
        "assignment_precision": (precision * blocks, blocks),
        "assignment_recall": (recall * blocks, blocks),
    }
    mistakes = list(_misassigned(page, at, owners))
    tallies = {
        "adjacent_order": _order(page, at, documents),
        "join_precision": _join_precision(page, seams),
        "join_recall": _join_recall(page, at, documents),
        "lossy_right": _lossy(page, seams, documents),
        "cuts_f1": _cuts(page, at, documents),
        "copies_f1": _copies(page, at),
        "fields_right": fields_right(page, owners, documents),
        "kinds_right": _kinds(page, documents),
    }
    for name, tally in tallies.items():
        counts[name] = tally.count
        mistakes += tally.mistakes
    if page.mode == "in_order":
        counts["in_order_unchanged"] = (float(unchanged(page, documents)), 1.0)
    # The F1 of a page is of its own precision and recall; pages are then averaged, each with the same weight.
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Scored(counts, f1, tuple(mistakes))


def bcubed(gold: Sequence[str], found: Sequence[str]) -> tuple[float, float]:
    """B-cubed precision and recall (Bagga and Baldwin 1998), every item with the same weight.

    Both arguments name the cluster of each item. An item's precision is the share of its found cluster
    that is of its gold cluster, its recall the share of its gold cluster that is in its found one,
    itself included; both are averaged over the items.

    Gold aab, found xxx: precision (2/3 + 2/3 + 1/3) / 3 = 5/9, recall 1.
    """
    both = Counter(zip(gold, found, strict=True))
    in_gold = Counter(gold)
    in_found = Counter(found)
    precision = recall = 0.0
    for (right, there), count in both.items():
        # each of the count items has count companions of its own
        precision += count * count / in_found[there]
        recall += count * count / in_gold[right]
    return precision / len(gold), recall / len(gold)


def unchanged(page: GoldPage, documents: Sequence[Document]) -> bool:
    """Whether a page that was in order is as it was.

    Every two neighbours in reading order still are, nothing is joined, folded or marked as cut, and no
    block is lost. Telling its articles apart, and making fields of captions, is no change.
    """
    at = places(page, documents)
    for place in at:
        if place is None or place.folded:
            return False
    for document in documents:
        if document.layout.cuts or document.layout.joins:
            return False
    if glued(page, documents):
        return False
    return not _order(page, at, documents).mistakes


def _clusters(at: Sequence[Place | None]) -> list[str]:
    """The document of each block. One that no document accounts for is a cluster by itself."""
    clusters = []
    for number, place in enumerate(at):
        if place is None:
            clusters.append(f"block {number}")
        else:
            clusters.append(f"document {place.document}")
    return clusters


def _order(
    page: GoldPage, at: Sequence[Place | None], documents: Sequence[Document]
) -> Tally:
    """Adjacent order: of the pairs that are neighbours in the gold's reading order, the share that are so in
    the output: one document, nothing of the page between them. Repeated blocks stand where what they repeat
    stands, so any printing of a block will do."""
    pairs = page.successors()
    mistakes = []
    for first, accepted in pairs:
        if not any(follow(at[first], at[second], documents) for second in accepted):
            what = f"{tail(page, first)} is not followed by {_any_of(page, accepted)}"
            mistakes.append(Mistake("order", first, what))
    return Tally((len(pairs) - len(mistakes), len(pairs)), mistakes)


def _join_precision(page: GoldPage, seams: Sequence[Glued]) -> Tally:
    """Of the seams (two blocks with no paragraph break between them), those where the gold has a join."""
    accepted = {(join.first, join.second) for join in page.joins}
    mistakes = []
    for seam in seams:
        if (seam.first, seam.second) not in accepted:
            halves = f"{tail(page, seam.first)} + {head(page, seam.second)}"
            mistakes.append(Mistake("join", seam.first, f"{halves} wrongly joined"))
    return Tally((len(seams) - len(mistakes), len(seams)), mistakes)


def _join_recall(
    page: GoldPage, at: Sequence[Place | None], documents: Sequence[Document]
) -> Tally:
    """Of the required joins, those whose halves run on in the output, be it in a copy that was not cut."""
    required = [join for join in page.joins if join.required]
    mistakes = []
    for join in required:
        if not run_on(at[join.first], at[join.second], documents):
            halves = f"{tail(page, join.first)} + {head(page, join.second)}"
            mistakes.append(Mistake("join missed", join.first, f"{halves} not joined"))
    return Tally((len(required) - len(mistakes), len(required)), mistakes)


def _lossy(
    page: GoldPage, seams: Sequence[Glued], documents: Sequence[Document]
) -> Tally:
    """Of the right joins made, those marked as lossy, or not, as they are."""
    known = {(join.first, join.second): join.lossy for join in page.joins}
    made = [seam for seam in seams if (seam.first, seam.second) in known]
    mistakes = []
    for seam in made:
        joins = documents[seam.document].layout.joins
        marked = any(join.at == seam.at and join.lossy for join in joins)
        if marked == known[seam.first, seam.second]:
            continue
        says = "lossy, but not marked so"
        if marked:
            says = "marked lossy, but nothing is missing"
        halves = f"{tail(page, seam.first)} + {head(page, seam.second)}"
        mistakes.append(Mistake("lossy", seam.first, f"{halves} {says}"))
    return Tally((len(made) - len(mistakes), len(made)), mistakes)


def _cuts(
    page: GoldPage, at: Sequence[Place | None], documents: Sequence[Document]
) -> Tally:
    """F1 of the blocks marked as cut with their rest not on the page, as ``2 both / (gold + marked)``.

    A mark at a block that may be joined but need not be is neither right nor wrong.
    """
    gold = set(page.cuts)
    optional = {join.first for join in page.joins if not join.required}
    marked = _marked_as_cut(at, documents) - (optional - gold)
    mistakes = []
    for number in sorted(marked - gold):
        what = f"{tail(page, number)} wrongly marked as cut"
        mistakes.append(Mistake("cut", number, what))
    for number in sorted(gold - marked):
        what = f"{tail(page, number)} is cut, not marked"
        mistakes.append(Mistake("cut missed", number, what))
    return Tally((2 * len(gold & marked), len(gold) + len(marked)), mistakes)


def _marked_as_cut(
    at: Sequence[Place | None], documents: Sequence[Document]
) -> set[int]:
    """The blocks that a document's text marks a cut at the end of."""
    marked = set()
    for number, place in enumerate(at):
        if place is None or place.span is None or place.folded:
            continue
        if place.span[1] in documents[place.document].layout.cuts:
            marked.add(number)
    return marked


def _copies(page: GoldPage, at: Sequence[Place | None]) -> Tally:
    """F1 of pairs of blocks that print the same, as ``2 both / (gold + found)``.

    Three printings of a block are three pairs; two of them found are one pair of three: 2 * 1 / (3 + 1).
    """
    found = _pairs_at_one_place(at)
    mistakes = []
    for first, second in sorted(found - page.copies):
        what = f"{head(page, first)} wrongly taken for a copy of {head(page, second)}"
        mistakes.append(Mistake("copy", first, what))
    for first, second in sorted(page.copies - found):
        what = f"{head(page, first)} is a copy of {head(page, second)}"
        mistakes.append(Mistake("copy missed", first, what))
    both = len(found & page.copies)
    return Tally((2 * both, len(found) + len(page.copies)), mistakes)


def _pairs_at_one_place(at: Sequence[Place | None]) -> set[tuple[int, int]]:
    """Pairs of blocks that stand at the same place of a document, one of them or both as a copy.

    So it does not matter which of several printings a document was made of.
    """
    by_document: dict[int, list[int]] = {}
    for number, place in enumerate(at):
        if place is not None:
            by_document.setdefault(place.document, []).append(number)
    found = set()
    for numbers in by_document.values():
        for first, second in combinations(numbers, 2):
            if repeats(at[first], at[second]):
                found.add((first, second))
    return found


def _kinds(page: GoldPage, documents: Sequence[Document]) -> Tally:
    """Of the blocks that a layout names a kind for, those of a kind that counts as right."""
    named = _kinds_named(page, documents)
    mistakes = []
    for number, kind in sorted(named.items()):
        right = page.blocks[number].kinds
        if kind not in right:
            what = f"{head(page, number)} is called {kind}, not {right[0]}"
            mistakes.append(Mistake("kind", number, what))
    return Tally((len(named) - len(mistakes), len(named)), mistakes)


def _kinds_named(page: GoldPage, documents: Sequence[Document]) -> dict[int, str]:
    """Each block's kind: that of the layout block that has most of its characters."""
    owner = page.owners()
    named: dict[int, Counter[str]] = {}
    for document in documents:
        for block in document.layout.blocks:
            for start, end in block.source_spans:
                for at in range(start, end):
                    if at in owner:
                        kinds = named.setdefault(owner[at], Counter())
                        kinds[block.kind] += 1
    return {number: kinds.most_common(1)[0][0] for number, kinds in named.items()}


def _misassigned(
    page: GoldPage, at: Sequence[Place | None], owners: Mapping[str, int]
) -> Iterator[Mistake]:
    """Blocks that no document accounts for, or that stand with blocks mostly of another article."""
    article_of = {document: article for article, document in owners.items()}
    for number, place in enumerate(at):
        article = page.blocks[number].article
        block = f"{head(page, number)} of {article}"
        if place is None:
            yield Mistake("lost", number, f"{block} is in no document")
        elif owners.get(article) != place.document:
            where = article_of.get(place.document, "a document of no article")
            yield Mistake("article", number, f"{block} stands with {where}")


def _owners(page: GoldPage, at: Sequence[Place | None]) -> dict[str, int]:
    """Each article's document: greedily the pairs that share most characters, one document an article."""
    shared: Counter[tuple[str, int]] = Counter()
    for number, place in enumerate(at):
        if place is not None:
            start, end = page.blocks[number].span
            shared[page.blocks[number].article, place.document] += end - start
    owners: dict[str, int] = {}
    # the largest share first; who comes later gets what is left
    for (article, document), _ in shared.most_common():
        if article not in owners and document not in owners.values():
            owners[article] = document
    return owners


def _any_of(page: GoldPage, numbers: Collection[int]) -> str:
    return " or ".join(head(page, number) for number in sorted(numbers))
