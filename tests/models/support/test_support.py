"""models/support: amounts and dates as such, what must stand in a quote, then the verdict on claims."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.language.words import fold
from models.reader import PassageReader, load_support_threshold
from models.support import Checked, Statement
from models.support.amounts import amounts
from models.support.checker import ClaimChecker, verbatim
from models.support.comparing import compare_amounts
from models.support.dates import compare_dates, moments
from models.support.exact import contradictions
from models.support.units import CHINESE, ENGLISH
from models.training.support_threshold import Labelled, Rates, choose

CLAIMS = Path(__file__).resolve().parents[3] / "eval" / "facts" / "claims.jsonl"


# amounts


@pytest.mark.parametrize(
    ("text", "base", "dimension"),
    [
        ("3万", 30_000, ""),
        ("三万", 30_000, ""),
        ("1亿8500万元", 185_000_000, "money:cny"),
        ("2.5万亿元", 2.5e12, "money:cny"),
        ("一万二千三百亿元", 1.23e12, "money:cny"),
        ("百分之七十二", 0.72, "share"),
        ("三分之一", 1 / 3, "share"),
        ("七成", 0.7, "share"),
        ("1.5公里", 1500, "length"),
        ("1小时10分钟", 4200, "time"),
        ("十年六个月", 10.5 * 31557600, "time"),
        ("５０００人", 5000, "count:person"),
        ("12.5 thousand people", 12_500, "count:"),
        ("$3 million", 3e6, "money:usd"),
        ("seventy-four stores", 74, "count:"),
        ("nearly 30 percent", 0.3, "share"),
        ("a 6-year-old girl", 6, "age"),
    ],
)
def test_an_amount_is_its_value_in_base_units(
    text: str, base: float, dimension: str
) -> None:
    (amount,) = amounts(fold(text))
    assert amount.base[0] == pytest.approx(base)
    assert amount.dimension == dimension


@pytest.mark.parametrize(
    "text",
    [
        "一切",
        "十分重要",
        "一个办法",
        "千家万户",
        "一带一路",
        "5G网络",
        "A320客机",
        "两会",
        "XeSS 1.2.0",
    ],
)
def test_what_only_looks_like_an_amount(text: str) -> None:
    assert amounts(fold(text)) == ()


@pytest.mark.parametrize(
    ("claim", "quote", "comparison"),
    [
        ("30000人", "3万人", "same"),
        ("74个", "74家", "same"),
        ("74家", "74名", "other"),
        ("1500米", "1.5公里", "same"),
        ("1.85亿元", "1.85万元", "other"),
        ("5分钱", "0.05元", "same"),
        ("超过20万件", "逾20万件", "same"),
        ("不足20万件", "超过20万件", "other"),
        ("超过70家", "74家", "same"),
        ("超过80家", "74家", "other"),
        ("530万人", "约530万人", "surer"),
        ("大约530万人", "530万人", "same"),
        ("第3名", "3名", "other"),
        ("95比98", "98比95", "same"),
        ("50 million passengers", "5000万人次", "same"),
        ("12 billion yuan", "120亿元", "same"),
        ("12 billion dollars", "120亿元", "other"),
        ("3至5天", "3-5天", "same"),
        ("从3小时", "至3小时", "other"),
    ],
)
def test_amounts_compare_by_value(claim: str, quote: str, comparison: str) -> None:
    (one,), (other,) = amounts(fold(claim)), amounts(fold(quote))
    assert compare_amounts(one, other) == comparison


@given(
    st.integers(2, 9_999), st.sampled_from(sorted(set(CHINESE) - {"分", "方", "第"}))
)
def test_every_unit_is_read_after_a_number(number: int, unit: str) -> None:
    (amount,) = amounts(f"{number}{unit}")
    assert (amount.low, amount.dimension, amount.factor) == (number, *CHINESE[unit])


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    folded = fold(text)
    taken = tuple((m.start, m.end) for m in moments(folded))
    for amount in amounts(folded, taken):
        assert 0 <= amount.start < amount.end <= len(text)
        assert not any(
            amount.start < end and start < amount.end for start, end in taken
        )


def test_units_have_no_empty_name() -> None:
    assert all(
        name and factor > 0
        for table in (CHINESE, ENGLISH)
        for name, (_, factor) in table.items()
    )


# dates


@pytest.mark.parametrize(
    ("claim", "quote", "comparison"),
    [
        ("11月18日", "2024年11月18日", "same"),
        ("2024-11-18", "11月18日", "same"),
        ("2024-11-18", "二〇二四年十一月十八日", "same"),
        ("November 18, 2024", "11月18日", "same"),
        ("18 Nov 2024", "2024年11月19日", "other"),
        ("11月", "11月18日", "same"),
        ("11月18日", "11月", "unsaid"),
        ("2023年", "2024年", "other"),
        ("10月底", "10月初", "other"),
        ("去年", "last year", "same"),
        ("今年", "去年", "other"),
        ("周二", "Tuesday", "same"),
        ("周二", "11月18日", "unlike"),
        ("第三季度", "Q3", "same"),
    ],
)
def test_dates_compare_by_what_both_say(
    claim: str, quote: str, comparison: str
) -> None:
    (one,), (other,) = moments(fold(claim)), moments(fold(quote))
    years = frozenset({other.year} - {None})
    assert compare_dates(one, other, years) == comparison  # type: ignore[arg-type]


def test_a_year_is_not_added_against_another() -> None:
    (claim,), (quote,) = moments("2024年11月18日"), moments("11月18日")
    assert compare_dates(claim, quote, frozenset({2023})) == "other"


# what must stand in the quote


@pytest.mark.parametrize(
    ("claim", "quote", "kind"),
    [
        ("全国有75家保护中心。", "全国保护中心达74家。", "number"),
        ("大桥全长3米。", "大桥全长3公里。", "unit"),
        ("须提前五个自然日申请。", "须提前五个工作日申请。", "unit"),
        ("每公斤体重10微克。", "每公斤体重10毫克。", "unit"),
        ("至多六小时。", "不少于六小时。", "number"),
        ("该船11月9日抵达。", "该船11月19日抵达。", "date"),
        ("R450的单价是多少。", "R540的单价。", "name"),
        ("他写了《雨夜》。", "他写了《雨后》。", "name"),
        ("封闭期内可以赎回。", "封闭期内不可赎回。", "negation"),
        ("公司公布了方案。", "公司没有公布方案。", "negation"),
        ("The firm opened 47 stores.", "The firm opened 74 stores.", "number"),
        ("It opened in Vienna.", "It opened in Trieste.", "name"),
        ("A lost key can be recovered.", "A lost key cannot be recovered.", "negation"),
    ],
)
def test_what_the_quote_has_otherwise_is_named(
    claim: str, quote: str, kind: str
) -> None:
    assert [part.kind for part in contradictions(claim, quote, "")] == [kind]


@pytest.mark.parametrize(
    ("claim", "quote", "context"),
    [
        ("全国有七十四家。", "截至10月底，达到74家。", ""),
        ("大桥全长3000米。", "大桥全长3公里。", ""),
        ("接待了41.7万人次。", "接待：41.7", "单位：万人次"),
        ("2023年接待41.7。", "接待：41.7", "2023年各馆接待"),
        ("超过70家。", "达到74家。", ""),
        ("这是他第一次夺冠。", "他首次夺冠。", ""),
        ("封闭期内不能赎回。", "封闭期内不可赎回。", ""),
        ("K3最多承重110公斤。", "K3的最大承重为110公斤。", ""),
        ("Revenue was 12,500 dollars.", "Revenue: $12.5 thousand", ""),
        (
            "A key that is lost cannot be recovered.",
            "A lost key cannot be recovered.",
            "",
        ),
        ("狗不能带进去。", "Dogs are not allowed inside.", ""),
    ],
)
def test_the_same_in_other_words_is_no_contradiction(
    claim: str, quote: str, context: str
) -> None:
    assert contradictions(claim, quote, context) == ()


@given(st.text(max_size=50), st.text(max_size=50), st.text(max_size=20))
def test_any_text_can_be_compared_and_never_contradicts_itself(
    claim: str, quote: str, context: str
) -> None:
    contradictions(claim, quote, context)
    assert not [
        part
        for part in contradictions(claim, claim, "")
        if part.state == "contradicted"
    ]


# verbatim


def test_whole_sentences_of_the_quote_are_verbatim() -> None:
    quote = "全国达74家。其中浙江省7家，居第二位。"
    assert verbatim("其中浙江省7家，居第二位。", quote)
    assert verbatim("全国达７４家。\n其中浙江省7家，居第二位", quote)
    assert not verbatim(
        "浙江省7家，居第二位。", quote
    )  # a piece may lack what denies it
    assert not verbatim("居第二位。", quote)


# verdicts


class Judging:
    """A judge that gives every statement the same chance, and notes what it was asked."""

    def __init__(self, chance: float) -> None:
        self.chance, self.asked = chance, list[Statement]()

    def __call__(self, statements: Sequence[Statement]) -> np.ndarray:
        self.asked += statements
        return np.tile(
            np.array([self.chance, 0, 1 - self.chance], np.float32),
            (len(statements), 1),
        )


def test_the_exact_parts_decide_before_the_network_is_asked() -> None:
    judge = Judging(0.9)
    checked = ClaimChecker(judge, 0.5).check(
        [
            Statement("质保三年。", "质保两年。"),
            Statement("质保两年。", "质保两年。"),
            Statement("保修期是两年。", "质保两年。"),
            Statement("。", "质保两年。"),
            Statement("质保两年。", " "),
        ]
    )
    verdicts = [each.verdict for each in checked]
    assert verdicts == [
        "unsupported",
        "supported",
        "supported",
        "unsupported",
        "unsupported",
    ]
    assert [each.claim for each in judge.asked] == ["保修期是两年。"]
    assert checked[0].reasons[0].text == "三年"


def test_what_is_too_improbable_is_unsupported() -> None:
    (checked,) = ClaimChecker(Judging(0.4), 0.5).check(
        [Statement("保修期是两年。", "质保两年。")]
    )
    assert (checked.verdict, round(checked.probability, 3)) == ("unsupported", 0.4)
    assert checked.reasons[0].kind == "words"


def test_the_threshold_lets_a_fifth_of_the_wrong_claims_through() -> None:
    claims = [
        Labelled(Statement(f"句子{'甲乙丙丁戊己庚辛壬癸'[n]}", "质保。"), n % 2 == 0)
        for n in range(10)
    ]

    def judge(statements: Sequence[Statement]) -> np.ndarray:
        order = [claim.statement.claim for claim in claims]
        return np.array(
            [[order.index(each.claim) / 10, 0, 0] for each in statements], np.float32
        )

    threshold = choose(claims, ClaimChecker(judge, 0.0))
    assert 0.7 < threshold < 0.8, "wrong ones have .1 .3 .5 .7 .9: one of five may pass"
    checked = ClaimChecker(judge, threshold).check(
        [claim.statement for claim in claims]
    )
    assert Rates.of(claims, checked) == Rates(0.2, 0.8)


# the reader that ships, on claims written by hand


@pytest.fixture(scope="module")
def reader() -> PassageReader:
    return PassageReader.load()


@pytest.fixture(scope="module")
def own() -> tuple[list[Labelled], list[dict[str, str]]]:
    lines = [
        json.loads(line) for line in CLAIMS.read_text(encoding="utf-8").splitlines()
    ]
    return [Labelled.of(line) for line in lines], lines


def test_half_of_the_300_claims_are_wrong_in_one_word(
    own: tuple[list[Labelled], list[dict[str, str]]],
) -> None:
    _, lines = own
    assert Counter(line["label"] for line in lines) == {
        "supported": 150,
        "unsupported": 150,
    }
    assert (
        len({line["claim"] for line in lines})
        == len({line["id"] for line in lines})
        == 300
    )
    assert {(line["lang"], line["quote_lang"]) for line in lines} == {
        ("zh", "zh"), ("en", "en"), ("zh", "en"), ("en", "zh")
    }  # fmt: skip


def test_a_verdict_can_fail_and_mostly_does_where_it_must(
    reader: PassageReader, own: tuple[list[Labelled], list[dict[str, str]]]
) -> None:
    """A floor, not an aim: 0.287 let through and 0.553 struck out when it was set."""
    claims, _ = own
    checker = ClaimChecker(reader.judge, load_support_threshold())
    checked: list[Checked] = checker.check([claim.statement for claim in claims])
    rates = Rates.of(claims, checked)
    assert rates.let_through <= 0.33
    assert rates.struck <= 0.62


def test_what_is_too_long_to_be_read_whole_is_not_said(reader: PassageReader) -> None:
    long_claim = Statement("保修期是两年，" * 60, "质保两年。")
    long_quote = Statement("保修期是两年。", "质保两年。" * 300)
    assert reader.judge([long_claim, long_quote])[:, 0].tolist() == [0, 0]
    assert reader.judge([Statement("保修期是两年。", "质保两年。")])[0, 0] > 0


def test_the_order_of_statements_and_what_stands_beside_them_change_nothing(
    reader: PassageReader,
) -> None:
    statements = [
        Statement("保修期是两年。", "质保两年。", "手册"),
        Statement("It is open.", "The hall is open daily."),
    ]
    both, reverse = reader.judge(statements), reader.judge(statements[::-1])[::-1]
    assert np.allclose(both, reverse, atol=0.02)
    assert np.allclose(both.sum(axis=1), 1, atol=1e-5)
