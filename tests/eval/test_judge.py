"""One answer against one fact: right, cited, supported, broken."""

from __future__ import annotations

import pytest

from eval.judge import judge, overlaps, supports
from rag.records import Claim
from tests.scripted_library import (
    FACTS,
    SENTENCES,
    Scripted,
    answer_of,
    scripted,
)


@pytest.fixture
def library() -> Scripted:
    return scripted()


def test_a_marker_that_leads_nowhere_is_broken(library: Scripted) -> None:
    answer = answer_of(
        "answered", "74家", [Claim(SENTENCES[0], (1, 2))], [library.quote(SENTENCES[0])]
    )
    judged = judge(FACTS[0], answer, library.document, library.source)
    assert (judged.broken, judged.dangling) == (1, 1)


def test_a_right_claim_without_citation_is_not_right(library: Scripted) -> None:
    judged = judge(
        FACTS[0],
        answer_of("answered", None, [Claim(SENTENCES[0], ())]),
        library.document,
        library.source,
    )
    assert judged.why_not == "the claim that holds the answer cites nothing"
    assert judged.supported == (False,)


def test_conflicting_readings_count_as_an_answer(library: Scripted) -> None:
    answer = answer_of(
        "conflicting", None, [Claim(SENTENCES[0], (1,))], [library.quote(SENTENCES[0])]
    )
    assert judge(FACTS[0], answer, library.document, library.source).right


@pytest.mark.parametrize(
    ("quotes", "claim", "supported"),
    [
        (["全国达74家，分布在28个省。"], "全国达74家", True),
        (["全国达74家，分布", "在28个省。"], "全国达74家，分布在28个省", True),
        (["全国保护中心数量达74家。"], "全国保护中心数量达75家。", False),
        (["全国达74家，其中浙江省7家。"], "浙江省74家，全国7家", False),
        (
            ["绍兴市开展国家级知识产权保护中心建设。"],
            "绍兴市将开展国家级知识产权保护中心建设",
            True,
        ),
        (["绍兴市开展国家级知识产权保护中心建设。"], "嘉兴人喜欢吃粽子", False),
        (["全国达74家。"], "There are 74 centers", False),
        ([], "全国达74家", False),
        (["全国达74家"], "。", False),
    ],
)
def test_when_quotes_support_a_claim(
    quotes: list[str], claim: str, supported: bool
) -> None:
    assert supports(quotes, claim) is supported


def test_sentences_without_full_stops_or_spaces_are_judged_too() -> None:
    """A tool that parts sentences at ". " sees one long word here, in which nothing supports anything."""
    page = "全国保护中心达74家！其中浙江省7家？绍兴市开展建设；雪龙号19日穿越西风带"
    assert len(page.split(". ")) == len(page.split()) == 1
    assert supports([page], "其中浙江省7家")
    assert not supports([page], "其中浙江省8家")


def test_a_citation_that_adds_nothing_lowers_precision(library: Scripted) -> None:
    citations = [library.quote(SENTENCES[0], 1), library.quote(SENTENCES[1], 2)]
    answer = answer_of("answered", "74家", [Claim(SENTENCES[0], (1, 2))], citations)
    judged = judge(FACTS[0], answer, library.document, library.source)
    assert (judged.good_pairs, judged.pairs, judged.supported) == (1, 2, (True,))


def test_a_quote_overlaps_its_evidence_by_half_of_the_shorter() -> None:
    assert overlaps("雪龙号19日", ("雪龙号19日穿越西风带。",))
    assert overlaps("前文。雪龙号19日穿越\n西风带。", ("雪龙号19日穿越西风带。",))
    assert not overlaps("绍兴市19日开展建设。", ("雪龙号19日穿越西风带。",))
    assert not overlaps("任何", ())
