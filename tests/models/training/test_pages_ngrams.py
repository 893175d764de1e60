"""The character model: what the filter holds, it gives back."""

from __future__ import annotations

import numpy as np

from models.pages.lines import ENDINGS, furniture_of, inline_credit, look
from models.pages.ngrams import COUNT_STEP, CharacterModel, normalise
from models.training.pages_ngrams import count, pack

TEXT = "开户银行的电话通知" * 9 + "知识产权保护中心" * 20


def model() -> CharacterModel:
    characters = "".join(sorted(set(TEXT)))
    ids = np.array([characters.index(char) + 1 for char in TEXT], np.int16)
    unigrams = np.bincount(ids, minlength=4096).astype(np.float32)
    table, seed = pack(*count(ids, dict.fromkeys(range(2, 6), 2)))
    return CharacterModel(characters, unigrams, table, seed)


def test_counts_come_back_within_the_step_and_what_was_not_met_is_nought() -> None:
    held = model()
    grams = np.stack(
        [held.ids("银行"), held.ids("产权"), held.ids("行产"), held.ids("权银")]
    )
    first, second, *none = held.counts(grams).tolist()
    assert 9 / COUNT_STEP < first < 9 * COUNT_STEP
    assert 20 / COUNT_STEP < second < 20 * COUNT_STEP
    assert none == [0, 0]


def test_what_goes_on_is_likelier_than_what_does_not() -> None:
    held = model()
    ends, starts = held.ends(["开户银"] * 2), held.starts(["行的电话", "权保护中"])
    right, wrong = held.goes_on(ends, starts).sum(axis=1)
    assert right > 0 > wrong


def test_texts_are_normalised_to_one_digit_one_letter_and_no_space() -> None:
    assert normalise("２０24年 GDP 增長") == "0000年aaa增长"


def test_lines_are_known_by_their_looks() -> None:
    assert furniture_of("新华社记者 潘洁") == "byline"
    assert furniture_of("新华社发 徐峻作") == "credit"
    assert furniture_of("（新华社北京11月18日电）") == "end"
    assert furniture_of("——南水北调沿线见闻") == "subtitle"
    assert furniture_of("图为市民在公园里散步。") == "caption"
    assert furniture_of("记者近日行走工程沿线，感受工程带来的深刻改变。") is None
    assert inline_credit("市民在公园游玩。（李明 摄）") == "李明 摄"
    assert inline_credit("市民在公园游玩（资料图片）。 李明 摄") == "李明 摄"
    assert inline_credit("市民在公园遊玩。（李明 攝）") == "李明 攝"
    assert furniture_of("新華社記者 潘潔") == "byline"
    assert furniture_of("（責任編輯：潘潔）") == "end"
    assert ENDINGS[look("法庭遂作出上述判决．").ending] == "terminal"


def test_quotes_left_open_and_never_opened_are_seen() -> None:
    assert look("他说，“远程集控").unclosed == "“"
    assert look("少人值守”，这八个字。").unopened == "“"
    assert (look("“都有”。").unclosed, look("“都有”。").unopened) == ("", "")
