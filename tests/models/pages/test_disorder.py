"""The signs that blocks stand out of order, one by one; what they come to together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelUnavailable
from models.pages.disorder import (
    FILE,
    NUMBERED,
    SIGNS,
    Judge,
    is_torn,
    page_judge,
    pieces,
    signs_of,
)
from models.pages.reading import page_reader

FIRST = "记者从省农业农村厅获悉，今年全省夏粮再获丰收，单产和总产均比上年有所增加，为全年粮食生产打下了基础。"
SECOND = "农业农村厅有关负责人表示，下半年各地将继续抓好秋粮的田间管理，加强防汛抗旱和病虫害防治，确保颗粒归仓。"
PORT = "上海港上半年集装箱吞吐量同比增长百分之六，港口作业繁忙有序，外贸航线不断加密，通关时间进一步缩短。"
SHIPS = "海事部门提醒，台风季节即将来临，过往船舶应当密切关注气象预报，及时采取防风措施，必要时就近进港避风。"
BEGUN, ENDED = SECOND[:26], SECOND[26:]


def sign(name: str, *texts: str) -> float:
    return float(signs_of(texts, page_reader())[SIGNS.index(name)])


def test_a_cut_sentence_that_goes_on_elsewhere_has_moved() -> None:
    apart = (FIRST, BEGUN, PORT, SHIPS, ENDED)
    assert sign("moved", *apart) == pytest.approx(np.log1p(1))
    assert sign("moved_back", *apart) == 0
    assert sign("goes_on", *apart) == 0


def test_one_that_goes_on_before_where_it_stands_has_moved_back() -> None:
    assert sign("moved_back", ENDED, PORT, SHIPS, FIRST, BEGUN) == pytest.approx(
        np.log1p(1)
    )


@pytest.mark.parametrize(
    "between", [(), ("第 3 页",), ("第 3 页", "青禾县水利工作总结")]
)
def test_one_that_goes_on_next_has_not_be_there_a_page_number_between(
    between: tuple[str, ...],
) -> None:
    texts = (FIRST, BEGUN, *between, ENDED, PORT, SHIPS)
    assert sign("moved", *texts) == 0
    assert sign("goes_on", *texts) == pytest.approx(np.log1p(1))


def test_an_item_is_nothing_that_a_sentence_goes_on_with() -> None:
    items = ("（一）" + BEGUN, PORT, SHIPS, FIRST, "（二）" + ENDED)
    assert sign("moved", *items) == 0


@pytest.mark.parametrize(
    "text",
    [
        "第十二条 渡口应当有标志。",
        "（三）有船舶；",
        "2、船员",
        "1.2 船舶",
        "问：几点开？",
        "王明：好。",
        "• 船",
    ],
)
def test_how_items_begin(text: str) -> None:
    assert NUMBERED.match(text)


@pytest.mark.parametrize(
    "text", ["渡口有标志。", "2024年的渡口", "“好。”王明说。", "一条船开过来了。"]
)
def test_how_they_do_not(text: str) -> None:
    assert not NUMBERED.match(text)


def test_a_piece_of_another_printing_is_cut_within_a_clause_of_it() -> None:
    whole = FIRST + SECOND + PORT
    cut = whole.index("田间管理") + 2  # 抓好秋粮的田间|管理
    assert pieces([whole, SHIPS, whole[:cut]]) == (1, 0)
    assert pieces([whole, whole[cut:], SHIPS, whole[:cut]]) == (2, 1)


def test_a_headline_in_the_words_of_its_article_is_no_piece() -> None:
    assert pieces([FIRST, FIRST[8:34], PORT, SHIPS]) == (0, 0)


def test_a_paragraph_that_stands_there_twice_is_no_piece() -> None:
    assert pieces([FIRST, PORT, SECOND, PORT]) == (0, 0)
    assert pieces([FIRST + PORT, PORT]) == (0, 0)  # nothing is cut within a clause


def test_copies_of_one_text_count_once_and_are_no_tear() -> None:
    about = (
        "关于海岚科技：海岚科技成立于2014年，总部位于青岛，专注于水下机器人的研发和制造，"
        "产品销往二十多个国家和地区。媒体联系见官网。"
    )
    texts = (FIRST, about, PORT, about, SHIPS, about)
    assert sign("copies", *texts) == pytest.approx(np.log1p(1))
    assert not is_torn(signs_of(texts, page_reader()))
    assert page_judge()(texts) < 0


def test_the_same_blocks_are_a_page_when_shuffled_and_none_in_order() -> None:
    judge = page_judge()
    pieces_of = [
        text[at : at + 17]
        for text in (FIRST, SECOND, PORT, SHIPS)
        for at in range(0, len(text), 17)
    ]
    assert judge(pieces_of) < 0
    assert judge(pieces_of[::2] + pieces_of[1::2]) > 0


def test_weights_of_other_signs_are_refused(tmp_path: Path) -> None:
    held = json.loads(FILE.read_text(encoding="utf-8"))
    del held["signs"]["seams"]
    (tmp_path / "detection.json").write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="other signs"):
        Judge.load(page_reader(), tmp_path / "detection.json")
    with pytest.raises(ModelUnavailable, match="cannot read none"):
        Judge.load(page_reader(), tmp_path / "none.json")


def test_what_speaks_for_a_page_weighs_for_it_and_what_speaks_against_weighs_against() -> (
    None
):
    signs = json.loads(FILE.read_text(encoding="utf-8"))["signs"]
    weights = {name: row["weight"] for name, row in signs.items()}
    assert (
        min(
            weights[name]
            for name in (
                "moved",
                "moved_back",
                "linked",
                "linked_share",
                "pieces",
                "seams",
            )
        )
        > 0
    )
    assert max(weights[name] for name in ("goes_on", "numbered")) < 0
