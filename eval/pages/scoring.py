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
    precision, recall = bcubed([block.article for block in page.blocks], _clusters(at))
    owners = _owners(page, at)
    blocks = float(len(page.blocks))
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
    counts: dict[str, Count] = {
        "assignment_precision": (precision * blocks, blocks),
        "assignment_recall": (recall * blocks, blocks),
        **{name: tally.count for name, tally in tallies.items()},
    }
    mistakes = [
        *_misassigned(page, at, owners),
        *(m for tally in tallies.values() for m in tally.mistakes),
    ]
    if page.mode == "in_order":
        counts["in_order_unchanged"] = (float(unchanged(page, documents)), 1.0)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Scored(counts, f1, tuple(mistakes))


def bcubed(gold: Sequence[str], found: Sequence[str]) -> tuple[float, float]:
    """B-cubed precision and recall (Bagga and Baldwin 1998), every item with the same weight.

    Both arguments name the cluster of each item. An item's precision is the share of its found cluster
    that is of its gold cluster, its recall the share of its gold cluster that is in its found one,
    itself included; both are averaged over the items.
    """
    both = Counter(zip(gold, found, strict=True))
    in_gold, in_found = Counter(gold), Counter(found)
    n = len(gold)
    precision = sum(count * count / in_found[b] for (_, b), count in both.items()) / n
    recall = sum(count * count / in_gold[a] for (a, _), count in both.items()) / n
    return precision, recall


def unchanged(page: GoldPage, documents: Sequence[Document]) -> bool:
    """Whether a page that was in order is as it was.

    Every two neighbours in reading order still are, nothing is joined, folded or marked as cut, and no
    block is lost. Telling its articles apart, and making fields of captions, is no change.
    """
    at = places(page, documents)
    return (
        all(place is not None and not place.folded for place in at)
        and not glued(page, documents)
        and not any(
            document.layout.cuts or document.layout.joins for document in documents
        )
        and all(
            any(follow(at[a], at[b], documents) for b in right)
            for a, right in page.successors()
        )
    )


def _clusters(at: Sequence[Place | None]) -> list[str]:
    """The document of each block. One that no document accounts for is a cluster by itself."""
    return [
        f"block {n}" if place is None else f"document {place.document}"
        for n, place in enumerate(at)
    ]


def _order(
    page: GoldPage, at: Sequence[Place | None], documents: Sequence[Document]
) -> Tally:
    """Adjacent order: of the pairs that are neighbours in the gold's reading order, the share that are so in
    the output: one document, nothing of the page between them. Repeated blocks stand where what they repeat
    stands, so any printing of a block will do."""
    pairs = page.successors()
    mistakes = [
        Mistake(
            "order",
            first,
            f"{tail(page, first)} is not followed by {_any_of(page, accepted)}",
        )
        for first, accepted in pairs
        if not any(follow(at[first], at[second], documents) for second in accepted)
    ]
    return Tally((len(pairs) - len(mistakes), len(pairs)), mistakes)


def _join_precision(page: GoldPage, seams: Sequence[Glued]) -> Tally:
    """Of the seams (two blocks with no paragraph break between them), those where the gold has a join."""
    accepted = {(join.first, join.second) for join in page.joins}
    mistakes = [
        Mistake(
            "join",
            seam.first,
            f"{tail(page, seam.first)} + {head(page, seam.second)} wrongly joined",
        )
        for seam in seams
        if (seam.first, seam.second) not in accepted
    ]
    return Tally((len(seams) - len(mistakes), len(seams)), mistakes)


def _join_recall(
    page: GoldPage, at: Sequence[Place | None], documents: Sequence[Document]
) -> Tally:
    """Of the required joins, those whose halves run on in the output, be it in a copy that was not cut."""
    required = [join for join in page.joins if join.required]
    mistakes = [
        Mistake(
            "join missed",
            join.first,
            f"{tail(page, join.first)} + {head(page, join.second)} not joined",
        )
        for join in required
        if not run_on(at[join.first], at[join.second], documents)
    ]
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
        if marked != known[seam.first, seam.second]:
            says = (
                "marked lossy, but nothing is missing"
                if marked
                else "lossy, but not marked so"
            )
            what = f"{tail(page, seam.first)} + {head(page, seam.second)} {says}"
            mistakes.append(Mistake("lossy", seam.first, what))
    return Tally((len(made) - len(mistakes), len(made)), mistakes)


def _cuts(
    page: GoldPage, at: Sequence[Place | None], documents: Sequence[Document]
) -> Tally:
    """F1 of the blocks marked as cut with their rest not on the page, as ``2 both / (gold + marked)``.

    A mark at a block that may be joined but need not be is neither right nor wrong.
    """
    marks = {
        (n, cut) for n, document in enumerate(documents) for cut in document.layout.cuts
    }
    free = {join.first for join in page.joins if not join.required} - set(page.cuts)
    marked = {
        number
        for number, place in enumerate(at)
        if place
        and place.span
        and not place.folded
        and (place.document, place.span[1]) in marks
    } - free
    gold = set(page.cuts)
    mistakes = [
        *(
            Mistake("cut", n, f"{tail(page, n)} wrongly marked as cut")
            for n in sorted(marked - gold)
        ),
        *(
            Mistake("cut missed", n, f"{tail(page, n)} is cut, not marked")
            for n in sorted(gold - marked)
        ),
    ]
    return Tally((2 * len(gold & marked), len(gold) + len(marked)), mistakes)


def _copies(page: GoldPage, at: Sequence[Place | None]) -> Tally:
    """F1 of pairs of blocks that print the same, as ``2 both / (gold + found)``.

    A pair is found when both stand at the same place of a document, one of them or both as a copy. So it
    does not matter which of several printings a document was made of.
    """
    by_document: dict[int, list[int]] = {}
    for number, place in enumerate(at):
        if place is not None:
            by_document.setdefault(place.document, []).append(number)
    found = {
        (first, second)
        for numbers in by_document.values()
        for first, second in combinations(numbers, 2)
        if repeats(at[first], at[second])
    }
    wrong, missed = sorted(found - page.copies), sorted(page.copies - found)
    mistakes = [
        *(
            Mistake(
                "copy",
                a,
                f"{head(page, a)} wrongly taken for a copy of {head(page, b)}",
            )
            for a, b in wrong
        ),
        *(
            Mistake("copy missed", a, f"{head(page, a)} is a copy of {head(page, b)}")
            for a, b in missed
        ),
    ]
    return Tally(
        (2 * len(found & page.copies), len(found) + len(page.copies)), mistakes
    )


def _kinds(page: GoldPage, documents: Sequence[Document]) -> Tally:
    """Of the blocks that a layout names a kind for, those of a kind that counts as right.

    A block is named by the layout block that has most of its characters.
    """
    owner = {
        at: number
        for number, block in enumerate(page.blocks)
        for at in range(*block.span)
    }
    named: dict[int, Counter[str]] = {}
    for block in (block for document in documents for block in document.layout.blocks):
        for at in (at for start, end in block.source_spans for at in range(start, end)):
            if at in owner:
                named.setdefault(owner[at], Counter())[block.kind] += 1
    said = {
        number: kinds.most_common(1)[0][0] for number, kinds in sorted(named.items())
    }
    mistakes = [
        Mistake(
            "kind",
            number,
            f"{head(page, number)} is called {kind}, not {page.blocks[number].kinds[0]}",
        )
        for number, kind in said.items()
        if kind not in page.blocks[number].kinds
    ]
    return Tally((len(said) - len(mistakes), len(said)), mistakes)


def _misassigned(
    page: GoldPage, at: Sequence[Place | None], owners: Mapping[str, int]
) -> Iterator[Mistake]:
    """Blocks that no document accounts for, or that stand with blocks mostly of another article."""
    for number, place in enumerate(at):
        article = page.blocks[number].article
        if place is None:
            yield Mistake(
                "lost", number, f"{head(page, number)} of {article} is in no document"
            )
        elif owners.get(article) != place.document:
            where = next(
                (a for a, n in owners.items() if n == place.document),
                "a document of no article",
            )
            yield Mistake(
                "article",
                number,
                f"{head(page, number)} of {article} stands with {where}",
            )


def _owners(page: GoldPage, at: Sequence[Place | None]) -> dict[str, int]:
    """Each article's document: greedily the pairs that share most characters, one document an article."""
    shared: Counter[tuple[str, int]] = Counter()
    for number, place in enumerate(at):
        if place is not None:
            start, end = page.blocks[number].span
            shared[page.blocks[number].article, place.document] += end - start
    owners: dict[str, int] = {}
    for (article, document), _ in shared.most_common():
        if article not in owners and document not in owners.values():
            owners[article] = document
    return owners


def _any_of(page: GoldPage, numbers: Collection[int]) -> str:
    return " or ".join(head(page, number) for number in sorted(numbers))
