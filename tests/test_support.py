"""models/support: amounts, dates and names as such, then the verdict on claims."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ModelUnavailable
from models.language.words import fold
from models.support import Support
from models.support.amounts import amounts, compare
from models.support.checker import verbatim
from models.support.dates import compare as compare_dates
from models.support.dates import moments
from models.support.markers import OPPOSITES
from models.support.units import CHINESE, ENGLISH

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def support() -> Support:
    return Support.load()


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
def test_an_amount_is_its_value_in_base_units(text: str, base: float, dimension: str) -> None:
    (amount,) = amounts(fold(text))
    assert amount.base[0] == pytest.approx(base)
    assert amount.dimension == dimension


@pytest.mark.parametrize(
    "text",
    ["一切", "十分重要", "一个办法", "千家万户", "一带一路", "5G网络", "A320客机", "两会", "XeSS 1.2.0"],
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
    assert compare(one, other) == comparison


@given(st.integers(2, 9_999), st.sampled_from(sorted(set(CHINESE) - {"分", "方", "第"})))
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
        assert not any(amount.start < end and start < amount.end for start, end in taken)


def test_units_have_no_empty_name() -> None:
    assert all(name and factor > 0 for table in (CHINESE, ENGLISH) for name, (_, factor) in table.items())


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
def test_dates_compare_by_what_both_say(claim: str, quote: str, comparison: str) -> None:
    (one,), (other,) = moments(fold(claim)), moments(fold(quote))
    years = frozenset({other.year} - {None})
    assert compare_dates(one, other, years) == comparison  # type: ignore[arg-type]


def test_a_year_is_not_added_against_another() -> None:
    (claim,), (quote,) = moments("2024年11月18日"), moments("11月18日")
    assert compare_dates(claim, quote, frozenset({2023})) == "other"


# verbatim


def test_whole_sentences_of_the_quote_are_verbatim() -> None:
    quote = "全国达74家。其中浙江省7家，居第二位。"
    assert verbatim("其中浙江省7家，居第二位。", [quote])
    assert verbatim("全国达７４家。\n其中浙江省7家，居第二位", [quote])
    assert verbatim("甲。乙。", ["甲。", "乙。"])
    assert not verbatim("浙江省7家，居第二位。", [quote])  # a piece may lack what denies it
    assert not verbatim("居第二位。", [quote])


# verdicts


@pytest.mark.parametrize(
    ("claim", "quotes", "kind"),
    [
        ("全国有75家保护中心。", ["全国保护中心达74家。"], "number"),
        ("保护中心达74家，其中江苏省7家。", ["保护中心达74家，其中浙江省7家。"], "name"),
        ("大桥全长3米。", ["大桥全长3公里。"], "unit"),
        ("新馆藏书150套。", ["新馆藏书150册。"], "unit"),
        ("该船11月9日抵达。", ["该船11月19日抵达。"], "date"),
        ("公司没有公布方案。", ["公司公布方案。"], "negation"),
        ("公司公布方案。", ["公司没有公布方案。"], "negation"),
        ("新馆已开放。", ["新馆计划开放。"], "modality"),
        ("价格上涨5%。", ["价格下跌5%。"], "opposite"),
        ("广东队战胜上海队。", ["上海队战胜广东队。"], "roles"),
        ("The firm opened 47 stores.", ["The firm opened 74 stores."], "number"),
        ("The firm did not open stores.", ["The firm opened stores."], "negation"),
        ("Shanghai defeated Beijing.", ["北京击败了上海。"], "roles"),
    ],
)
def test_a_changed_part_is_named_and_the_claim_unsupported(
    support: Support, claim: str, quotes: list[str], kind: str
) -> None:
    checked = support.verdict(claim, quotes)
    assert checked.verdict == "unsupported"
    assert kind in {part.kind for part in checked.reasons if part.state == "contradicted"}


@pytest.mark.parametrize(
    ("claim", "quotes"),
    [
        ("国家发改委发布通知。", ["国家发展改革委10日发布通知，决定下调价格。"]),
        ("全国保护中心有七十四家。", ["截至10月底，全国保护中心达到74家。"]),
        ("大桥全长3000米。", ["大桥全长3公里，总投资2亿元。"]),
        ("新馆藏书12万册，每天开放十小时。", ["新馆藏书12万册。", "新馆每天开放10小时，周一闭馆。"]),
        (
            "The company opened 74 stores in 2023.",
            ["The company opened 74 stores in 2023, more than in 2022."],
        ),
    ],
)
def test_what_a_quote_says_in_other_words_is_supported(
    support: Support, claim: str, quotes: list[str]
) -> None:
    checked = support.verdict(claim, quotes)
    assert checked.verdict == "supported", checked.parts


def test_a_claim_surer_than_its_quote_is_partly_supported(support: Support) -> None:
    checked = support.verdict("全市常住人口530万人。", ["全市常住人口约530万人。"])
    assert (checked.verdict, checked.reasons[0].found) == ("partly", "约530万人")


@pytest.mark.parametrize(
    ("claim", "quotes"), [("甲市有人。", []), ("。", ["甲市有人。"]), ("甲市有人。", ["", " "])]
)
def test_nothing_supports_nothing(support: Support, claim: str, quotes: list[str]) -> None:
    assert support.verdict(claim, quotes).verdict == "unsupported"


def test_a_verdict_does_not_depend_on_what_was_read_before(support: Support) -> None:
    claim, quotes = "全国有74个中心。", ["全国中心达74家。"]
    before = support.verdict(claim, quotes)
    support.forget()
    assert support.verdict(claim, quotes) == before


@given(st.text(max_size=50), st.lists(st.text(max_size=50), max_size=3))
@settings(deadline=None, max_examples=60)
def test_any_claim_gets_a_verdict(support: Support, claim: str, quotes: list[str]) -> None:
    checked = support.verdict(claim, quotes)
    assert 0 <= checked.probability <= 1
    if checked.verdict == "supported":
        assert not [part for part in checked.reasons if part.kind != "words"]


def test_opposites_go_both_ways_and_no_word_is_its_own() -> None:
    assert all(word in OPPOSITES[other] for word, others in OPPOSITES.items() for other in others)
    assert not [word for word, others in OPPOSITES.items() if word in others]


def test_missing_weights_are_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=tmp_path.name):
        Support.load(tmp_path)


def _rows(name: str) -> list[dict[str, object]]:
    text = (ROOT / "eval" / "support" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("name", "precision", "recall"), [("pairs.jsonl", 0.9, 0.75), ("heldout.jsonl", 0.85, 0.7)]
)
def test_the_hand_made_claims_are_judged_as_the_card_says(
    support: Support, name: str, precision: float, recall: float
) -> None:
    rows = _rows(name)
    verdicts = [support.verdict(row["claim"], row["quotes"]).verdict for row in rows]  # type: ignore[arg-type]
    said = [row["verdict"] for row, verdict in zip(rows, verdicts, strict=True) if verdict == "supported"]
    assert len({row["claim"] for row in rows}) == len(rows)
    assert said.count("supported") / len(said) >= precision
    assert said.count("supported") / sum(row["verdict"] == "supported" for row in rows) >= recall
