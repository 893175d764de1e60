"""How long the body of an answer may be: api/schemas/."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.schemas.answers import MAX_ANSWER_BYTES, Answer
from api.schemas.citations import CUT, MAX_SHOWN_CHARS
from rag import records
from rag.library import Library, Question


@pytest.fixture
def answer(library: Library) -> records.Answer:
    return library.ask(Question("图书馆藏书多少册？"))


def with_hits(answer: records.Answer, count: int, characters: int) -> records.Answer:
    hit = answer.hits[0]
    text = "长" * characters
    passage = replace(hit.passage, text=text, end=hit.passage.start + characters)
    hits = (replace(hit, passage=passage),) * count
    return replace(answer, hits=hits, nearest=hits)


def size(answer: Answer) -> int:
    return len(answer.model_dump_json().encode())


def test_an_ordinary_answer_is_given_whole(answer: records.Answer) -> None:
    sent = Answer.of(answer)
    assert [hit.text for hit in sent.hits] == [hit.passage.text for hit in answer.hits]


def test_long_hits_are_cut_with_a_mark(answer: records.Answer) -> None:
    sent = Answer.of(with_hits(answer, 10, 20_000))
    assert size(sent) <= MAX_ANSWER_BYTES
    assert len(sent.hits) == len(sent.nearest) == 10
    for hit in sent.hits:
        assert len(hit.text) == MAX_SHOWN_CHARS
        assert hit.text.endswith(CUT)
        assert hit.end - hit.start == 20_000


def test_of_too_many_hits_the_last_are_left_out_and_citations_never(
    answer: records.Answer,
) -> None:
    sent = Answer.of(with_hits(answer, 100, 2000))
    assert size(sent) <= MAX_ANSWER_BYTES
    assert 0 < len(sent.hits) < 100
    quotes = [citation.quote for citation in sent.citations]
    assert quotes == [citation.quote for citation in answer.citations]
