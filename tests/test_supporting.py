"""rag/supporting.py: claims in their source's words are always supported; the others are checked."""

from __future__ import annotations

from eval.facts import read_facts
from models.language.sentences import sentences
from rag import supporting
from rag.pipeline import Library
from tests.conftest import ROOT


def test_every_sentence_of_the_seed_page_supports_itself(seed_library: Library) -> None:
    documents = seed_library.documents()
    quotes = [d.text[start:end] for d in documents for start, end in sentences(d.text)]
    assert len(quotes) > 100
    assert {
        supporting.verdict(quote, [quote]).verdict for quote in quotes if any(map(str.isalnum, quote))
    } == {"supported"}


def test_extractive_claims_come_out_supported(seed_library: Library) -> None:
    facts = read_facts(ROOT / "eval" / "facts" / "seeds.jsonl")
    answers = [seed_library.ask_quietly(fact.question) for fact in facts[::6]]
    claims = [claim for answer in answers for claim in answer.claims]
    assert len(claims) > 20
    assert {claim.verdict for claim in claims} == {"supported"}


def test_what_another_hand_wrote_is_checked() -> None:
    quote = "全国保护中心达74家。"
    assert supporting.verdict("全国有75家保护中心。", [quote]).verdict == "unsupported"
    assert supporting.verdict("全国保护中心有74个。", [quote]).verdict == "supported"
    supporting.forget()
