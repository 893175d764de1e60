"""A library whose answers a language model words: a real client, a server on loopback, the real check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.answering.citing import check
from rag.errors import SettingsError
from rag.library import Event, Library, Question
from rag.records import Answer
from rag.settings import Settings
from tests.language_model_server import ModelServer, model_server

WHO = "Who finished the stone bridge over the Elm River?"
LONG = "How long is the stone bridge?"
BUILT = "The stone bridge over the Elm River was finished in 1887 by the engineer Martha Holloway."
LENGTH = "It is 214 metres long and carries about 9,000 cars a day."


@pytest.fixture(scope="module")
def served() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture(scope="module")
def worded(
    served: ModelServer, tmp_path_factory: pytest.TempPathFactory, toy_folder: Path
) -> Iterator[Library]:
    settings = Settings(
        home=tmp_path_factory.mktemp("worded"),
        answerer="openai",
        llm_base_url=served.base_url,
        llm_model="stub",
        llm_timeout=3,
    )
    with Library.open(settings) as opened:
        list(opened.ingest([toy_folder]))
        yield opened


@pytest.fixture
def server(served: ModelServer) -> ModelServer:
    served.well("NOT STATED")
    return served


def number_of(prompt: str, text: str) -> int:
    """Which of the passages in a prompt says something."""
    lines = [line for line in prompt.splitlines() if line.startswith('{"passage"')]
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def citing(sentences: str, said: str) -> object:
    """Writes the sentences with ``[#]`` as the number of the passage that says ``said``."""
    return lambda prompt: sentences.replace("#", str(number_of(prompt, said)))


def holds(library: Library, answer: Answer) -> None:
    """Both invariants, and every marker of a claim leads to a citation."""
    for citation in answer.citations:
        check(
            citation,
            library.document(citation.document_id),
            library.source(citation.source_sha256),
        )
    markers = {citation.marker for citation in answer.citations}
    assert all(
        set(claim.citations) <= markers and claim.citations for claim in answer.claims
    )


def test_a_sentence_that_is_borne_out_stays_with_the_exact_characters(
    worded: Library, server: ModelServer
) -> None:
    server.well(
        citing(
            "The bridge was finished in 1887 by the engineer Martha Holloway [#].",
            "1887",
        )
    )
    events: list[Event] = []
    answer = worded.ask(Question(WHO), events.append)
    assert answer.status == "answered"
    assert [claim.verdict for claim in answer.claims] == ["supported"]
    assert BUILT in answer.citations[0].quote
    assert answer.answer.endswith("Martha Holloway.[1]")
    assert (answer.struck, answer.notice, answer.versions["llm"]) == (0, None, "stub")
    assert [name for name, _ in events] == ["hits", "claim", "answer"]
    holds(worded, answer)


def test_what_no_characters_bear_out_is_struck_out_and_counted(
    worded: Library, server: ModelServer
) -> None:
    wrong = [
        "It was finished in 1878 by Martha Holloway [#].",
        "It was finished in 1887 by Robert Holloway [#].",
        "It was finished in 1887 by Martha Holloway.",
        "It was finished in 1887 by Martha Holloway [77].",
    ]
    server.well(citing(f"{BUILT[:-1]} [#]. {' '.join(wrong)}", "1887"))
    answer = worded.ask(Question(WHO))
    assert [claim.text for claim in answer.claims] == [BUILT]
    assert answer.struck == 4
    assert answer.notice and answer.notice.startswith("4 more")
    holds(worded, answer)


def test_a_true_sentence_that_cites_the_wrong_passage_is_struck_out(
    worded: Library, server: ModelServer
) -> None:
    def wrong(prompt: str) -> str:
        other = number_of(prompt, "320吨")
        return f"{BUILT[:-1]} [{other}]."

    server.well(wrong)
    answer = worded.ask(Question(WHO))
    assert (answer.claims, answer.struck) == ((), 1)


def test_when_nothing_is_left_it_is_a_refusal(
    worded: Library, server: ModelServer
) -> None:
    server.well(citing("It was finished in 1999 by Bob Builder [#].", "1887"))
    answer = worded.ask(Question(WHO))
    assert answer.status == "insufficient"
    assert "don't say" in answer.answer
    assert answer.claims == answer.citations == ()
    assert (answer.struck, answer.short_answer) == (1, None)
    assert answer.nearest


def test_a_model_that_finds_no_answer_is_believed(
    worded: Library, server: ModelServer
) -> None:
    server.well("NOT STATED.")
    answer = worded.ask(Question(WHO))
    assert (answer.status, answer.struck, answer.notice) == ("insufficient", 0, None)


def test_what_was_not_asked_is_struck_out_however_true(
    worded: Library, server: ModelServer
) -> None:
    server.well(citing("为了方便老人，馆内还增设了放大镜和轮椅[#]。", "放大镜"))
    answer = worded.ask(Question("图书馆几点关门？"))
    assert not any("轮椅" in claim.text for claim in answer.claims)


def test_two_passages_may_bear_a_sentence_out_together(
    worded: Library, server: ModelServer
) -> None:
    server.well(citing(f"{BUILT} {LENGTH[:-1]} [#].", "214"))
    answer = worded.ask(Question(LONG))
    assert answer.status == "answered"
    assert LENGTH in [citation.quote for citation in answer.citations]
    holds(worded, answer)


@pytest.mark.parametrize(
    ("fault", "status", "notice"),
    [
        ("", 500, "failed"),
        ("", 401, "refused the request"),
        ("silent", 200, "took too long"),
        ("garbage", 200, "nothing that can be checked"),
        ("early", 200, "broke off"),
    ],
)
def test_when_the_model_fails_the_documents_are_quoted_and_the_answer_says_so(
    worded: Library, server: ModelServer, fault: str, status: int, notice: str
) -> None:
    server.well("I am a very long preamble that cites nothing at all")
    server.fault, server.status = fault, status
    answer = worded.ask(Question(WHO))
    assert answer.status == "answered"
    assert answer.short_answer == "Martha Holloway"
    assert [claim.verdict for claim in answer.claims] == [None]
    assert (
        answer.notice
        and notice in answer.notice
        and "quotes the documents" in answer.notice
    )
    assert answer.versions["answerer"] == "extractive" and "llm" not in answer.versions
    holds(worded, answer)


@pytest.mark.parametrize(
    "nonsense",
    ["", "   \n", "ߝ\x00�" * 30, "no markers here. none there.", "[1][2][3]"],
)
def test_nonsense_is_no_answer(
    worded: Library, server: ModelServer, nonsense: str
) -> None:
    server.well(nonsense)
    answer = worded.ask(Question(WHO))
    assert answer.short_answer == "Martha Holloway"
    assert answer.notice and "nothing that can be checked" in answer.notice


def test_a_model_that_never_ends_is_read_only_so_far(
    worded: Library, server: ModelServer
) -> None:
    server.well(citing("The bridge is blue [#]. " * 5000, "1887"))
    server.piece = 4000
    answer = worded.ask(Question(WHO))
    assert answer.status == "insufficient"
    assert 0 < answer.struck < 1000


def test_the_model_is_shown_passages_with_their_context_as_data(
    worded: Library, server: ModelServer
) -> None:
    worded.ask(Question(WHO))
    prompt = server.prompts[-1]
    assert '"from": "The old bridge' in prompt
    assert BUILT in prompt and WHO in prompt


def test_each_question_may_choose_and_a_quote_has_no_verdict(
    worded: Library, server: ModelServer
) -> None:
    asked = len(server.prompts)
    answer = worded.ask(Question(WHO, answerer="extractive"))
    assert [claim.verdict for claim in answer.claims] == [None]
    assert answer.versions["answerer"] == "extractive"
    assert len(server.prompts) == asked, "the model was not asked"


def test_an_overview_may_be_worded(worded: Library, server: ModelServer) -> None:
    server.well(citing(f"{BUILT[:-1]} [#].", "1887"))
    bridge = next(
        each.id for each in worded.documents() if each.title == "The old bridge"
    )
    answer = worded.ask(Question("What is this document about?", documents=(bridge,)))
    assert [claim.text for claim in answer.claims] == [BUILT]
    holds(worded, answer)


def test_a_language_model_that_is_not_set_is_a_clear_error(library: Library) -> None:
    with pytest.raises(SettingsError, match="llm_base_url"):
        library.ask(Question(WHO, answerer="openai"))
    with pytest.raises(SettingsError, match="llm_model"):
        library.ask(Question(WHO, answerer="transformers"))
    assert library.ask(Question(WHO)).short_answer == "Martha Holloway"
