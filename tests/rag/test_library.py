from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.language.facts import facts
from models.language.words import fold, words
from rag import sources
from rag.answering.citing import check
from rag.answering.phrases import MISSING, NEAREST, NOTHING
from rag.errors import (
    InvalidValue,
    ModelUnavailable,
    NotFound,
    SourceError,
    StoreLocked,
)
from rag.library import Event, Failed, Ingested, Library, Question
from rag.records import Answer
from rag.settings import Settings
from tests.toys import toy_source


def ask(library: Library, text: str, **more: object) -> Answer:
    return library.ask(Question(text, **more))  # type: ignore[arg-type]


def test_a_number_is_answered_with_its_unit_and_its_place(
    seed_library: Library,
) -> None:
    answer = ask(seed_library, "全国有多少家国家级知识产权保护中心？")
    assert answer.status == "answered"
    assert answer.short_answer == "74家"
    assert "74家" in answer.citations[0].quote
    assert answer.answer.endswith(f"[{answer.citations[-1].marker}]")


def test_what_the_page_does_not_say_is_refused_with_the_nearest_passages(
    seed_library: Library,
) -> None:
    answer = ask(seed_library, "北京市的供暖温度标准是多少度？")
    assert answer.status in ("not_found", "insufficient")
    assert NEAREST["zh"] in answer.answer or answer.maybe is not None
    assert answer.claims == answer.citations == ()
    assert answer.short_answer is None
    assert len(answer.nearest) == 3


def test_a_refusal_is_in_the_language_of_the_question(seed_library: Library) -> None:
    answer = ask(seed_library, "Who won the football world cup in 1966?")
    told = (NOTHING["en"], MISSING["en"].format(names="1966"))
    assert answer.answer.startswith(told) and answer.answer.endswith(NEAREST["en"])


def test_english_on_english(library: Library) -> None:
    answer = ask(library, "Who finished the stone bridge over the Elm River?")
    assert answer.status == "answered"
    assert answer.short_answer == "Martha Holloway"


def test_an_article_printed_three_times_counts_once(seed_library: Library) -> None:
    answer = ask(
        seed_library, "全国在建和已建成运行的国家级知识产权保护中心分布在多少个省？"
    )
    quotes = [citation.quote for citation in answer.citations]
    assert len(quotes) == len(set(quotes))
    cited = next(c for c in answer.citations if "28个省" in c.quote)
    assert len(cited.also_in) == 2
    source = seed_library.source(cited.source_sha256)
    for copy in cited.also_in:
        assert cited.quote in "".join(source.text[a:b] for a, b in copy.spans)


def test_two_sources_that_disagree_are_both_shown(empty_library: Library) -> None:
    empty_library.ingest_source(
        toy_source("a.txt", "河湾果园今年收获苹果320吨，创下了新高。")
    )
    empty_library.ingest_source(
        toy_source("b.txt", "河湾果园今年收获苹果290吨，创下了新高。")
    )
    answer = ask(empty_library, "河湾果园今年收获苹果多少吨？")
    assert answer.status == "conflicting"
    assert answer.short_answer is None
    assert {"320吨" in claim.text for claim in answer.claims} == {True, False}
    assert len(answer.citations) == 2


def test_the_same_article_from_two_sources_is_no_conflict(
    empty_library: Library,
) -> None:
    text = "河湾果园今年收获苹果320吨，创下了新高。"
    empty_library.ingest_source(toy_source("a.txt", text))
    empty_library.ingest_source(toy_source("b.txt", f"转载\n\n{text}"))
    answer = ask(empty_library, "河湾果园今年收获苹果多少吨？")
    assert (answer.status, len(answer.citations)) == ("answered", 1)
    assert len(answer.citations[0].also_in) == 1


def test_events_come_in_order_and_end_with_the_answer(library: Library) -> None:
    heard: list[Event] = []
    answer = library.ask(Question("小镇图书馆藏书多少册？"), heard.append)
    names = [name for name, _ in heard]
    assert names == ["hits", *["claim"] * len(answer.claims), "answer"]
    assert heard[-1][1] is answer


def test_ingest_is_idempotent_by_content(library: Library, toy_folder: Path) -> None:
    before = library.counts()
    again = list(library.ingest([toy_folder]))
    assert all(isinstance(done, Ingested) and not done.new for done in again)
    assert library.counts() == before


def test_one_bad_file_does_not_stop_the_rest(
    empty_library: Library, tmp_path: Path
) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 no such thing")
    (tmp_path / "good.txt").write_text("好文件里有一句话。", encoding="utf-8")
    bad, good = empty_library.ingest([tmp_path / "bad.pdf", tmp_path / "good.txt"])
    assert isinstance(bad, Failed) and "bad.pdf" in bad.why
    assert isinstance(good, Ingested) and good.new


def test_a_source_without_text_is_refused(empty_library: Library) -> None:
    with pytest.raises(SourceError, match="no text"):
        empty_library.ingest_source(toy_source("empty.txt", "\n \n"))


def test_what_is_deleted_is_never_seen_again(library: Library, tmp_path: Path) -> None:
    secret = "蓝鲸计划的启动资金是八百七十六万元。"
    (document,) = library.ingest_source(sources.from_text("秘密", secret)).documents
    assert ask(library, "蓝鲸计划的启动资金是多少？").status == "answered"
    library.delete(document.id)
    answer = ask(library, "蓝鲸计划的启动资金是多少？")
    assert answer.status != "answered"
    assert all(
        "蓝鲸" not in hit.passage.text for hit in (*answer.hits, *answer.nearest)
    )
    with pytest.raises(NotFound):
        library.document(document.id)
    with pytest.raises(NotFound):
        library.source(document.source_sha256)
    library.close()
    needle = "蓝鲸计划".encode()
    assert not [
        p
        for p in (tmp_path / "home").rglob("*")
        if p.is_file() and needle in p.read_bytes()
    ]


def test_the_library_opens_again_with_what_it_had(
    tmp_path: Path, toy_folder: Path
) -> None:
    settings_ = Settings(home=tmp_path, encoder="quick")
    with Library.open(settings_) as library:
        list(library.ingest([toy_folder]))
        first = ask(library, "小镇图书馆藏书多少册？")
    with Library.open(settings_) as library:
        second = ask(library, "小镇图书馆藏书多少册？")
    assert first.claims == second.claims and first.claims


def test_what_is_in_is_answered_before_its_deep_vectors_are_made(
    tmp_path: Path, toy_folder: Path
) -> None:
    chosen, question = Settings(home=tmp_path), "小镇图书馆藏书多少册？"
    with Library.open(chosen, deep="later") as library:
        list(library.ingest([toy_folder]))
        assert library.waiting == library.counts()["passages"] > 0
        assert ask(library, question).short_answer == "12万册"
        library.finish_vectors()
        assert library.waiting == 0
        assert ask(library, question).short_answer == "12万册"
    with Library.open(replace(chosen, encoder="quick")) as library:
        assert library.waiting == 0
        assert ask(library, question).short_answer == "12万册"
    with Library.open(chosen, deep="later") as library:
        assert (
            library.waiting == 0
        )  # quick vectors alone for a while cost nothing that was made


def test_two_at_once_may_not_hold_a_folder(library: Library) -> None:
    with pytest.raises(StoreLocked):
        Library.open(library.settings)


def test_only_the_documents_asked_for_answer(library: Library) -> None:
    by_title = {document.title: document.id for document in library.documents()}
    question = "小镇图书馆藏书多少册？"
    assert (
        ask(library, question, documents=(by_title["小镇图书馆重新开放"],)).status
        == "answered"
    )
    elsewhere = ask(library, question, documents=(by_title["The old bridge"],))
    assert elsewhere.status != "answered"
    assert {hit.document.title for hit in elsewhere.hits} <= {"The old bridge"}


def test_dates_limit_what_answers(empty_library: Library) -> None:
    empty_library.ingest_source(
        sources.from_text("旧", "老磨坊有三台水车。", "2020-01-02")
    )
    question = Question("老磨坊有几台水车？")
    assert empty_library.ask(question).status == "answered"
    assert (
        empty_library.ask(replace(question, since="2021-01-01")).status == "not_found"
    )
    assert empty_library.ask(replace(question, until="2020-01-02")).status == "answered"


def test_a_question_may_lean_on_the_one_before(library: Library) -> None:
    history = ("小镇图书馆几点开门？",)
    assert ask(library, "它有多少册藏书？", history=history).short_answer == "12万册"


@pytest.mark.parametrize(
    ("question", "key"),
    [
        (Question(""), "question"),
        (Question("  "), "question"),
        (Question("问" * 1001), "question"),
        (Question("问？", top_k=0), "top_k"),
        (Question("问？", top_k=51), "top_k"),
        (Question("问？", since="昨天"), "since"),
        (Question("问？", until="2024-13-01"), "until"),
        (Question("问？", since="20240101"), "since"),
        (Question("a\udcffb"), "question"),
        (Question("问？", answerer="oracle"), "answerer"),
    ],
)
def test_bad_questions_say_what_was_expected(
    library: Library, question: Question, key: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        library.ask(question)
    assert caught.value.key == key
    assert caught.value.expected


def test_an_empty_library_says_so(empty_library: Library) -> None:
    assert ask(empty_library, "有多少？").status == "not_found"


def test_an_encoder_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no-such-model"):
        Library.open(Settings(home=tmp_path, encoder=str(tmp_path / "no-such-model")))


def test_examples_are_answered_by_the_documents(seed_library: Library) -> None:
    examples = seed_library.examples("zh")
    assert len(examples) == 4
    for example in examples:
        assert ask(seed_library, example).short_answer


@given(
    text=st.text(alphabet="甲乙丙丁有3家人。，“”？\n 😀a", min_size=1, max_size=120),
    asked=st.text(min_size=1, max_size=30),
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_text_any_question_every_citation_is_exact(
    empty_library: Library, text: str, asked: str
) -> None:
    try:
        done = empty_library.ingest_source(toy_source("any.txt", text))
    except SourceError:
        return
    try:
        if not asked.strip():
            return
        answer = ask(empty_library, asked)
        for citation in answer.citations:
            document = empty_library.document(citation.document_id)
            check(citation, document, empty_library.source(citation.source_sha256))
        markers = {citation.marker for citation in answer.citations}
        assert all(
            set(claim.citations) <= markers and claim.citations
            for claim in answer.claims
        )
    finally:
        for document in done.documents:
            empty_library.delete(document.id)


@pytest.mark.parametrize(
    ("one", "other", "question"),
    [
        (
            "中心于2025年11月22日正式成立，共有74家机构。",
            "中心于11月22日正式成立，共有74家机构参加。",
            "中心何时成立？",
        ),
        (
            "今年全市新增就业岗位3万个，比去年多。",
            "今年全市新增就业岗位30000个，比去年多。",
            "今年全市新增就业岗位多少个？",
        ),
    ],
)
def test_the_same_number_in_another_form_is_no_conflict(
    empty_library: Library, one: str, other: str, question: str
) -> None:
    empty_library.ingest_source(toy_source("a.txt", one))
    empty_library.ingest_source(toy_source("b.txt", other))
    assert ask(empty_library, question).status == "answered"


def test_a_document_deleted_while_it_is_read_is_not_cited(
    empty_library: Library,
) -> None:
    (gone,) = empty_library.ingest_source(
        toy_source("a.txt", "老磨坊有三台水车。")
    ).documents

    def delete(event: Event) -> None:
        if event[0] == "hits":
            empty_library.delete(gone.id)

    answer = empty_library.ask(Question("老磨坊有几台水车？"), delete)
    assert (answer.status, answer.citations) == ("not_found", ())


def test_nothing_of_a_deleted_document_stays_in_memory(empty_library: Library) -> None:
    sentence = "老磨坊的钥匙藏在第七块石板底下。"
    (document,) = empty_library.ingest_source(toy_source("a.txt", sentence)).documents
    ask(empty_library, "钥匙藏在哪里？")
    assert any(cache.cache_info().currsize for cache in (fold, words))
    empty_library.delete(document.id)
    assert not any(cache.cache_info().currsize for cache in (fold, words, facts))


def test_a_text_without_full_stops_is_searched_but_not_read_as_a_sentence(
    empty_library: Library,
) -> None:
    empty_library.ingest_source(toy_source("long.txt", "汉字很多没有句号" * 5000))
    answer = ask(empty_library, "汉字有多少？")
    assert answer.status in ("not_found", "insufficient")
    assert answer.nearest


def test_the_trace_keeps_what_the_stages_handed_on(library: Library) -> None:
    answered = library.ask(Question("小镇图书馆什么时候重新开放？", top_k=1))
    assert len(answered.hits) == 1 < len(answered.trace.read)
    best = answered.trace.candidates[0]
    assert library.document(best.document_id).text[best.start : best.end] == best.text
    assert best.text == answered.citations[0].quote
    refused = library.ask(Question("小镇图书馆的屋顶是什么颜色？"))
    assert (
        refused.trace.confidence is not None and answered.trace.confidence is not None
    )
    assert refused.trace.confidence < answered.trace.confidence
