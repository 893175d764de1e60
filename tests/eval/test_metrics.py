"""Expected values are arithmetic that a reader can redo."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap

from eval.metrics import (
    RESAMPLES,
    area,
    cmrc_exact_match,
    cmrc_f1,
    cmrc_units,
    longest_common_run,
    mean,
    quantile,
    rank_scores,
    ratio,
    risk_coverage,
)
from eval.normalise import holds, same, tokens


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("７４家", "74 家"),
        ("一百二十三", "123"),
        ("1.85亿", "185000000"),
        ("1.85亿", "1亿8500万"),
        ("1.85亿人", "一亿八千五百万人"),
        ("185 million", "1.85亿"),
        ("3 thousand", "3,000"),
        ("三万亿", "3 trillion"),
        ("二〇二四年十一月十八日", "2024-11-18"),
        ("2024/11/8", "2024年11月08日"),
        ("百分之三十", "３０％"),
        ("4至5米", "四到五米"),
        ("6-7级", "6至7级"),
        ("秦嶺站", "秦岭站"),
        ("知識產權", "知识产权"),
        ("“雪龙2”号", "雪龙２号"),
        ("twenty-eight provinces", "28 Provinces"),
        ("Ⅲ类", "III类"),
        ("1.0系统", "1.00 系统"),
        ("十五万", "15万"),
        ("两千", "2000"),
        ("٧٤", "74"),
    ],
)
def test_the_same_thing_written_in_two_ways(left: str, right: str) -> None:
    assert same(left, right), (tokens(left), tokens(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("74家", "75家"),
        ("74", "7.4"),
        ("1.85亿", "1.85万"),
        ("绍兴", "嘉兴"),
        ("6级", "7级"),
        ("", ""),
    ],
)
def test_what_differs_stays_different(left: str, right: str) -> None:
    assert not same(left, right)


@pytest.mark.parametrize(
    "text", ["2741", "74.5", "174家", "7万4", "0.74", "74,000", "740", "2,741"]
)
def test_a_bare_number_is_held_as_a_whole_only(text: str) -> None:
    assert not holds(f"共有{text}", "74")


@pytest.mark.parametrize(
    "text", ["达74家，", "七十四家", "（74）", "74 centers", "第74"]
)
def test_a_bare_number_is_found_where_it_stands(text: str) -> None:
    assert holds(text, "74")


def test_a_unit_with_a_number_respects_the_border_too() -> None:
    assert holds("其中浙江省7家", "7家")
    assert not holds("其中浙江省47家", "7家")


def test_punctuation_between_items_does_not_matter() -> None:
    assert holds("统筹“一门”“一网”“一线”三种渠道", "一门、一网、一线")


def test_a_full_width_comma_parts_numbers_and_a_thousands_separator_joins_them() -> (
    None
):
    assert tokens("2023，202") == ("2023", "202")
    assert tokens("2,023") == ("2023",)


def test_kilowatts_do_not_multiply_what_stands_before() -> None:
    assert tokens("31.6亿千瓦")[0] == "3160000000"


def test_words_that_hold_numerals_stay_words() -> None:
    assert tokens("千家万户") == ("千", "家", "万", "户")
    assert tokens("百姓") == ("百", "姓")


def test_an_empty_answer_is_held_by_nothing() -> None:
    assert not holds("74家", "，")


@given(st.integers(min_value=0, max_value=10**15))
def test_a_number_with_separators_is_that_number(number: int) -> None:
    assert tokens(f"{number:,}") == tokens(str(number)) == (str(number),)


@given(st.text(max_size=60))
def test_any_text_normalises_and_equals_itself(text: str) -> None:
    assert same(text, text) == bool(tokens(text))


# reading


def test_units_are_characters_of_chinese_and_words_of_english() -> None:
    assert cmrc_units("光荣和Omega-force，3部") == [
        "光",
        "荣",
        "和",
        "omega",
        "force",
        "3",
        "部",
    ]


def test_exact_match_ignores_case_punctuation_and_spaces() -> None:
    assert cmrc_exact_match("《红楼梦》", ["红楼梦"]) == 1.0
    assert cmrc_exact_match("ABC 公司", ["abc公司。"]) == 1.0
    assert cmrc_exact_match("红楼", ["红楼梦"]) == 0.0


def test_chinese_does_not_score_zero() -> None:
    # 3 of 3 characters said, 3 of 5 wanted: 2 * 3 / (3 + 5)
    assert cmrc_f1("绍兴市", ["浙江绍兴市"]) == pytest.approx(6 / 8)


def test_f1_counts_a_common_substring_not_a_bag() -> None:
    # the longest run that 兴绍市 and 绍兴市 share is one character: 2 * 1 / (3 + 3)
    assert cmrc_f1("兴绍市", ["绍兴市"]) == pytest.approx(2 / 6)


def test_the_best_of_at_most_three_references_counts() -> None:
    assert cmrc_f1("七十四", ["甲", "乙", "七十四"]) == 1.0
    assert cmrc_f1("七十四", ["甲", "乙", "丙", "七十四"]) == 0.0
    assert cmrc_exact_match("七十四", ["甲", "乙", "丙", "七十四"]) == 0.0


def test_saying_nothing_scores_zero() -> None:
    assert cmrc_f1("", ["绍兴"]) == 0.0
    assert cmrc_exact_match("", ["。"]) == 0.0


def split_on_spaces_f1(prediction: str, reference: str) -> float:
    """SQuAD's F1, as tools have it that know only spaces."""
    said, wanted = Counter(prediction.split()), Counter(reference.split())
    shared = (said & wanted).total()
    return 2 * shared / (said.total() + wanted.total())


@pytest.mark.parametrize(
    ("said", "wanted", "f1"),
    [
        ("全国74家", "74家", 2 * 2 / (4 + 2)),  # units 全 国 74 家
        ("国务院办公厅", "国务院", 2 * 3 / (6 + 3)),
        ("2024年11月18日", "11月18日", 2 * 4 / (6 + 4)),  # 2024 年 11 月 18 日
    ],
)
def test_what_splits_on_spaces_scores_chinese_as_zero_and_ours_does_not(
    said: str, wanted: str, f1: float
) -> None:
    assert split_on_spaces_f1(said, wanted) == 0.0
    assert cmrc_f1(said, [wanted]) == pytest.approx(f1)


def test_longest_common_run() -> None:
    assert longest_common_run("xabcy", "zabcab") == 3
    assert longest_common_run("", "abc") == 0


# ranking


def scores(ranked: list[str], grades: dict[str, int]) -> dict[str, float]:
    return rank_scores({"q": ranked}, {"q": grades})["q"]


def test_reciprocal_rank_stops_at_ten() -> None:
    assert scores(["a", "b", "c"], {"b": 1, "c": 1})["mrr@10"] == 1 / 2
    assert scores([*"0123456789", "a"], {"a": 1})["mrr@10"] == 0.0
    assert scores([*"012345678", "a"], {"a": 1})["mrr@10"] == pytest.approx(1 / 10)


def test_recall_divides_by_all_that_is_relevant() -> None:
    assert (
        scores(["a", "x", "b"], {"a": 1, "b": 1, "c": 1, "d": 1})["recall@10"] == 2 / 4
    )
    assert scores([*"0123456789", "a"], {"a": 1})["recall@10"] == 0.0


def test_ndcg_has_linear_gain() -> None:
    # found: 1 at rank 1, 3 at rank 3; ideal: 3 at rank 1, 1 at rank 2
    found = 1 / math.log2(2) + 3 / math.log2(4)
    ideal = 3 / math.log2(2) + 1 / math.log2(3)
    assert scores(["one", "none", "three"], {"one": 1, "three": 3})[
        "ndcg@10"
    ] == pytest.approx(found / ideal)


def test_a_query_that_found_nothing_scores_zero_and_does_not_vanish() -> None:
    nothing = {"mrr@10": 0.0, "recall@10": 0.0, "ndcg@10": 0.0}
    assert rank_scores(
        {"a": [], "b": ["甲"]}, {"a": {"甲": 1}, "b": {"甲": 2}, "c": {"乙": 1}}
    ) == {
        "a": nothing,
        "b": {"mrr@10": 1.0, "recall@10": 1.0, "ndcg@10": 1.0},
        "c": nothing,
    }


# selective answering


def test_the_area_is_the_mean_risk_over_all_coverages() -> None:
    # the wrong one comes second: risks 0/1, 1/2, 1/3
    assert risk_coverage([3, 2, 1], [0, 1, 0]) == [
        (pytest.approx(1 / 3), 0.0), (pytest.approx(2 / 3), 0.5), (1.0, pytest.approx(1 / 3)),
    ]  # fmt: skip
    metric = area([3, 2, 1], [0, 1, 0])
    assert (metric.value, metric.n) == (pytest.approx((0 + 1 / 2 + 1 / 3) / 3), 3)
    assert metric.low <= metric.value <= metric.high


def test_a_confidence_that_says_nothing_has_the_error_rate_as_its_area() -> None:
    assert area([5, 5, 5, 5], [0, 1, 1, 0]).value == pytest.approx(1 / 2)
    assert area([5, 5, 5, 5], [1, 1, 0, 0]).value == pytest.approx(1 / 2), (
        "whatever their order"
    )


def test_a_tie_in_the_middle_shares_its_loss() -> None:
    # right, then one of two wrong: expected cumulative losses 0, 1/2, 1
    assert [risk for _, risk in risk_coverage([9, 4, 4], [0, 1, 0])] == pytest.approx(
        [0, 1 / 4, 1 / 3]
    )


def test_no_confidence_is_less_than_any() -> None:
    assert area([None, -50.0], [1, 0]).value == pytest.approx((0 + 1 / 2) / 2)


def test_an_area_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="expected as many"):
        area([], [])


# intervals


def test_mean_with_its_interval() -> None:
    metric = mean([1.0, 0.0] * 50)
    assert (metric.value, metric.n) == (0.5, 100)
    # normal approximation: 0.5 -/+ 1.96 * sqrt(0.25 / 100) = 0.402 .. 0.598
    assert metric.low == pytest.approx(0.402, abs=0.02)
    assert metric.high == pytest.approx(0.598, abs=0.02)
    assert metric == mean([1.0, 0.0] * 50)


def test_the_interval_is_the_one_that_scipy_gives() -> None:
    parts, wholes = np.asarray([3.0, 0, 1, 2, 2, 0]), np.asarray([4.0, 1, 1, 2, 3, 1])
    expected = bootstrap(
        (parts, wholes),
        lambda part, whole, axis: part.sum(axis=axis) / whole.sum(axis=axis),
        paired=True,
        method="percentile",
        n_resamples=RESAMPLES,
        rng=np.random.default_rng(0),
    ).confidence_interval
    metric = ratio(parts.tolist(), wholes.tolist())
    assert (metric.low, metric.high) == pytest.approx((expected.low, expected.high))


def test_a_ratio_is_micro_averaged_and_counts_its_wholes() -> None:
    metric = ratio([3, 0], [4, 1])
    assert (metric.value, metric.n) == (3 / 5, 5)


def test_nothing_to_measure_is_an_error_and_not_a_zero() -> None:
    with pytest.raises(ValueError, match="above 0"):
        mean([])
    with pytest.raises(ValueError, match="above 0"):
        ratio([0], [0])


def test_quantile_interpolates() -> None:
    assert quantile([10, 20, 30, 40], 0.5) == 25
