"""Deciding, on readings made by hand: what is shown, what is folded, what is refused."""

from __future__ import annotations

import pytest

from models.language.questions import read
from rag.answering import Thresholds, compose, decide, short_answer
from rag.answering.citing import check, cite
from rag.answering.phrases import answer_text
from rag.answering.reading import Choice, ReaderResult
from rag.errors import BrokenCitation
from rag.pages import recover
from rag.passages import split
from rag.records import Claim, Document, Hit
from tests.toys import toy_source

THRESHOLDS = Thresholds(answer={"zh": 0.0, "en": 0.0}, relevant=0.5)


def choice(
    text: str,
    score: float,
    short: str = "",
    relevance: float = 1.0,
    document_id: int = 1,
) -> Choice:
    source = toy_source("a.txt", text)
    (made,) = recover(source)
    document = Document(
        **{f: getattr(made, f) for f in made.__slots__} | {"id": document_id}
    )
    at = document.text.find(short)
    span = (at, at + len(short)) if short else None
    hit = Hit(split(document)[0], document, 1.0)
    return Choice(hit, (0, len(document.text)), score, relevance, span)


def reading(question: str, *choices: Choice) -> ReaderResult:
    return ReaderResult(read(question), choices)


def test_nothing_read_is_not_found() -> None:
    assert decide(reading("多少？"), THRESHOLDS).status == "not_found"


@pytest.mark.parametrize(
    ("relevance", "status"), [(0.9, "insufficient"), (0.1, "not_found")]
)
def test_below_the_threshold_relevance_says_how_to_refuse(
    relevance: float, status: str
) -> None:
    found = reading("有多少家？", choice("共有三家。", -2.0, relevance=relevance))
    decision = decide(found, THRESHOLDS)
    assert (decision.status, decision.stretches) == (status, ())


def test_a_bare_fact_needs_one_sentence_a_list_may_take_three() -> None:
    sentences = [
        choice(f"第{n}件不同的事情在{n * 11}号楼。", 3 - n / 10) for n in range(1, 6)
    ]
    assert len(decide(reading("为什么？", *sentences), THRESHOLDS).stretches) == 3
    alone = [sentences[0], choice("毫不相干的另外一句话。", 0.1)]
    assert len(decide(reading("为什么？", *alone), THRESHOLDS).stretches) == 1


def test_the_same_words_again_are_copies() -> None:
    same = [choice("图书馆藏书12万册。", 3, "12万册", document_id=n) for n in (1, 2, 3)]
    (stretch,) = decide(reading("藏书多少册？", *same), THRESHOLDS).stretches
    assert len(stretch.copies) == 2


def test_other_numbers_for_the_same_thing_conflict_only_between_documents() -> None:
    one = choice("图书馆如今藏书12万册。", 3, "12万册", document_id=1)
    other = choice("图书馆如今藏书15万册。", 2, "15万册", document_id=2)
    found = reading("藏书多少册？", one, other)
    decision = decide(found, THRESHOLDS)
    assert (decision.status, len(decision.stretches)) == ("conflicting", 2)
    assert short_answer(decision, found.asking) is None
    apart = choice("河对岸的新馆明年将有座位15万个。", 2, "15万个", document_id=2)
    assert decide(reading("藏书多少册？", one, apart), THRESHOLDS).status == "answered"


def test_the_same_amount_in_other_words_is_no_other_number() -> None:
    one = choice("图书馆如今访客1.1亿人。", 3, "1.1亿人", document_id=1)
    same = choice("图书馆如今访客11000万人。", 2, "11000万人", document_id=2)
    decision = decide(reading("访客多少人？", one, same), THRESHOLDS)
    assert decision.status == "answered"


def test_a_conflict_behind_many_copies_is_found() -> None:
    copies = [
        choice("图书馆如今藏书12万册。", 3, "12万册", document_id=n)
        for n in range(1, 14)
    ]
    other = choice("图书馆如今藏书15万册。", 2, "15万册", document_id=99)
    decision = decide(reading("藏书多少册？", *copies, other), THRESHOLDS)
    assert decision.status == "conflicting"
    assert len(decision.stretches[0].copies) == 12


@pytest.mark.parametrize(("one", "other"), [("三年", "两年"), ("可以退", "不可退")])
def test_what_says_otherwise_in_characters_is_no_copy(one: str, other: str) -> None:
    sentence = (
        "这台加湿器自购买之日起算，凭发票在全国的门店都{}，配件另算，运费由顾客自理。"
    )
    texts = [sentence.format(one), sentence.format(other)]
    choices = [
        choice(text, 3 - number, document_id=number + 1)
        for number, text in enumerate(texts)
    ]
    stretches = decide(reading("为什么？", *choices), THRESHOLDS).stretches
    assert stretches[0].copies == ()


def test_claims_are_joined_with_their_markers() -> None:
    claims = (Claim("甲。", (1,)), Claim("乙。", (2, 3)))
    assert answer_text(claims) == "甲。[1]\n乙。[2][3]"


def test_a_broken_citation_withholds_the_answer() -> None:
    source = toy_source("a.txt", "图书馆藏书12万册。")
    (document,) = recover(source)
    (passage,) = split(document)
    good = cite(1, document, passage, (0, 5))
    check(good, document, source)
    for broken in (
        cite(1, document, passage, (4, 4)),
        cite(
            1,
            Document(
                **{f: getattr(document, f) for f in document.__slots__}
                | {"map": ((0, 9, 1),)}
            ),
            passage,
            (0, 5),
        ),
    ):
        with pytest.raises(BrokenCitation):
            check(broken, document, source)
    with pytest.raises(BrokenCitation):
        check(good, document, toy_source("b.txt", "别的文字，一样长短吧。"))


def test_compose_cites_each_stretch_once_in_order() -> None:
    found = reading(
        "为什么？",
        choice("因为下雨了。", 3),
        choice("所以没有去。", 2.9, document_id=2),
    )
    decision = decide(found, THRESHOLDS)
    given = [toy_source("a.txt", c.text) for c in found.choices]
    text = {source.sha256: source.text for source in given}
    claims, citations = compose(
        decision.stretches, lambda sha, spans: [text[sha][a:b] for a, b in spans]
    )
    assert [claim.citations for claim in claims] == [(1,), (2,)]
    assert [citation.quote for citation in citations] == [
        claim.text for claim in claims
    ]
