from __future__ import annotations

import json
import lzma
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from eval.pages.articles import Story, alike, held_out, read_stories, story_of
from eval.pages.dressing import PartRates, as_picture, dress, headline_of
from eval.pages.generator import generate
from eval.pages.gold import check, from_json, to_json
from eval.pages.printing import gold_of, printed
from eval.pages.running import source_of
from eval.pages.scoring import score, unchanged
from rag.errors import InvalidValue
from rag.pages import recover
from tests.page_toys import ENGLISH, STORIES, story
from tests.perfect_reader import read

ALWAYS = PartRates(
    headline=1, kicker=0, subtitle=1, byline=1, dateline=1, subheads=1, end=1, picture=1
)


def test_pages_hold_and_depend_on_the_seed_alone() -> None:
    pages = list(generate(STORIES, pages=30, seed=3))
    for page in pages:
        check(page)
        assert 4 <= len(page.articles) <= 9
        assert from_json(json.loads(json.dumps(to_json(page)))) == page
    assert list(generate(STORIES, pages=30, seed=3)) == pages
    assert list(generate(STORIES, pages=30, seed=4)) != pages


def test_pages_have_everything_that_befalls_a_page() -> None:
    pages = list(generate(STORIES, pages=60))
    assert sum(bool(page.joins) for page in pages) > 30
    assert sum(bool(page.copies) for page in pages) > 50
    assert any(join.lossy for page in pages for join in page.joins)
    assert any(page.cuts for page in pages)
    kinds = {block.kinds[0] for page in pages for block in page.blocks}
    assert kinds >= {
        "headline",
        "subtitle",
        "byline",
        "body",
        "subhead",
        "caption",
        "credit",
        "end",
    }


def test_a_perfect_reading_gets_full_marks() -> None:
    for page in generate(STORIES, pages=15, seed=1):
        scored = score(page, read(page))
        assert [
            mistake for mistake in scored.mistakes if mistake.kind != "copy"
        ] == [], page.name


def test_pages_in_order_are_cut_and_repeated_nowhere() -> None:
    for page in generate(STORIES, pages=20, mode="in_order", articles=(1, 6)):
        assert (page.joins, page.cuts, page.copies) == ((), (), frozenset())
        assert [
            number for article in page.articles for number in article.order
        ] == sorted(number for article in page.articles for number in article.order)


def test_pages_of_fragments_are_nothing_but_pieces_of_paragraphs() -> None:
    pages = list(generate(STORIES, pages=12, mode="fragments"))
    for page in pages:
        check(page)
        assert {block.kinds for block in page.blocks} == {("body",)}
        scored = score(page, read(page))
        assert [
            mistake for mistake in scored.mistakes if mistake.kind != "copy"
        ] == [], page.name
    assert sum(len(page.joins) for page in pages) > sum(
        len(page.articles) for page in pages
    )
    assert all(page.copies for page in pages)


def test_english_pages_in_order_stay_as_they_are() -> None:
    page = gold_of(
        printed(ENGLISH), ENGLISH, name="english", mode="in_order", lang="en"
    )
    assert unchanged(page, recover(source_of(page)))


def test_too_few_articles_are_told_of() -> None:
    with pytest.raises(InvalidValue, match="at least 9"):
        next(generate(STORIES[:3], pages=1))


def test_two_reports_of_one_event_never_share_a_page() -> None:
    twin = replace(STORIES[0], id="twin")
    assert alike(STORIES[0].text, twin.text) == 1.0
    assert alike(STORIES[0].text, STORIES[1].text) < 0.1
    pages = generate([*STORIES, twin], pages=30, articles=(9, 9))
    for page in pages:
        assert not {"toy:0", "twin"} <= {article.id for article in page.articles}


def test_an_article_wears_what_it_states() -> None:
    dressed = dress(STORIES[2], Random(0), ALWAYS)
    kinds = [paragraph.kind for paragraph in dressed.paragraphs]
    assert kinds[:2] == ["headline", "subtitle"]
    assert kinds.count("subhead") == 2
    lead = next(
        paragraph.text for paragraph in dressed.paragraphs if paragraph.kind == "body"
    )
    dateline, signed = dressed.fields["dateline"]
    assert signed is not None and lead.startswith(signed)
    assert dateline == f"新华社{dressed.fields['place'][0]}5月6日电"
    assert dressed.fields["published"] == ("2024-05-06",)
    assert dressed.fields["byline"][0] in signed


def test_an_article_without_a_date_wears_no_dateline() -> None:
    dressed = dress(story(2, published=None), Random(0), ALWAYS)
    assert dressed.fields["dateline"] == dressed.fields["published"] == (None,)


def test_a_year_that_the_page_states_nowhere_cannot_be_asked_for() -> None:
    dressed = dress(STORIES[2], Random(0), ALWAYS)
    silent = gold_of(printed([dressed]), [dressed], name="p")
    assert silent.articles[0].fields["published"] == ("2024-05-06", None)
    told = story(3)
    other = Story(
        "told", (*told.paragraphs, "这是2024年的事。"), None, told.published
    ).bare()
    page = gold_of(printed([dressed, other]), [dressed, other], name="p")
    assert page.articles[0].fields["published"] == ("2024-05-06",)


def test_a_picture_has_words_and_a_credit() -> None:
    made = as_picture(STORIES[0], Random(0))
    assert made.is_picture
    assert made.paragraphs[0].text.startswith("5月6日，")
    assert made.paragraphs[-1].kind == "credit"


def test_headlines_are_clauses_of_the_lead() -> None:
    assert (
        headline_of("近日，河湾镇的果园又添了新品种，居民很高兴。")
        == "河湾镇的果园又添了新品种"
    )
    assert headline_of("近日，他说，“好”。") is None


LONG = "".join(STORIES[5].paragraphs)


def test_web_furniture_is_taken_off_and_the_rest_split_at_sentence_ends() -> None:
    row = {
        "id": "a",
        "text": f"IT之家 8 月 16 日消息，{LONG}广告声明：文内含有链接。",
        "published": "2023-08-16",
    }
    made = story_of(row)
    assert made is not None
    assert made.text == LONG
    assert made.published == "2023-08-16"
    assert len(made.paragraphs) > 2
    assert all(paragraph.endswith(("。", "”")) for paragraph in made.paragraphs)


def test_a_text_that_breaks_off_loses_its_last_sentence() -> None:
    made = story_of({"id": "a", "text": LONG + "还没有说完就"})
    assert made is not None and made.text == LONG


@pytest.mark.parametrize(
    "text", ["太短了。", "原标题：甲" + LONG, LONG[:100], LONG + LONG]
)
def test_rows_that_will_not_do(text: str) -> None:
    assert story_of({"id": "a", "text": text}) is None


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.xz"])
def test_articles_are_read_and_only_those_held_out(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"news{suffix}"
    rows = "".join(json.dumps({"id": f"n{i}", "text": LONG}) + "\n" for i in range(60))
    path.write_bytes(
        lzma.compress(rows.encode()) if suffix.endswith("xz") else rows.encode()
    )
    found = {each.id for each in read_stories(path)}
    assert found == {f"n{i}" for i in range(60) if held_out(f"n{i}")}
    assert 0 < len(found) < 20
    assert len(read_stories(path, every=True)) == 60


@pytest.mark.parametrize(
    "content", ["", "{", '{"id": 3}', '{"id": "a", "text": "短。"}']
)
def test_a_file_without_articles_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidValue):
        read_stories(path, every=True)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="can be read"):
        read_stories(tmp_path / "none.jsonl")
