"""Fields of an article: what the documents say against what counts as right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.pages.gold import GoldPage
from eval.pages.mistakes import Mistake, Tally
from eval.pages.placement import normalised
from rag.records import Document

_ASIDE = ("新华社", "中新社", "本报", "通讯员", "记者", "摄影报道", "报道")


def fields_right(
    page: GoldPage, owners: Mapping[str, int], documents: Sequence[Document]
) -> Tally:
    """Of the fields that the gold states, or leaves out while the output claims one, those that are right.

    ``owners`` maps an article to its document. Where the gold accepts a value or none at all and the output
    has none, nothing is counted. An article without a document has none of its fields.
    """
    whole = 0
    mistakes: list[Mistake] = []
    for article in page.articles:
        document = documents[owners[article.id]] if article.id in owners else None
        for name, accepted in article.fields.items():
            said = field_of(document, name) if document else None
            if said is None and None in accepted:
                continue
            whole += 1
            if said is None or all(
                each is None or not same(said, each) for each in accepted
            ):
                expected = " or ".join(map(repr, accepted))
                first = article.order[0] if article.order else 0
                mistakes.append(
                    Mistake(
                        "field",
                        first,
                        f"{name} of {article.id}: {said!r}, not {expected}",
                    )
                )
    return Tally((whole - len(mistakes), whole), mistakes)


def field_of(document: Document, name: str) -> str | None:
    """A document's field by the name that the gold has for it; None for an empty one."""
    source = document.layout if name in ("kicker", "subtitle", "agency") else document
    value = getattr(source, name)
    return str(value) if value else None


def same(said: str, accepted: str) -> bool:
    """Whether two values have the same letters and numbers, titles such as 记者 and the agency aside."""
    return _reduced(said) == _reduced(accepted)


def _reduced(value: str) -> str:
    bare = value
    for word in _ASIDE:
        bare = bare.replace(word, "")
    return normalised(bare) or normalised(value)
