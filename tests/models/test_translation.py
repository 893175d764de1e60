from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models.english import phrase_key, stem, tokens
from models.errors import ModelUnavailable
from models.training import cedict
from models.training.alignment import Aligner, Options, phrases
from models.training.phrase_table import Recipe, lexicon_table
from models.training.translation import main, read_terms, smoke
from models.training.translation_corpus import (
    HANZI,
    cut,
    is_held_out,
    sentence_pair,
    word_counts,
)
from models.training.translation_eval import evaluate, evaluate_backward
from models.translation import Translation, Translator


@pytest.fixture(scope="module")
def translator() -> Translator:
    return Translator.load()


@pytest.fixture(scope="module")
def toy() -> Translator:
    return Translator(
        to_chinese={
            "power": [("力量", 0.6), ("电力", 0.4)],
            "power plant": [("电厂", 1.0)],
            "plant": [("植物", 1.0)],
            "city of nanjing": [("南京市", 1.0)],
        },
        to_english={"电厂": [("power plant", 0.9), ("plant", 0.1)]},
        spellings={"nanjing": "Nanjing"},
        syllables={"zhao": "赵", "peng": "鹏", "lv": "吕绿"},
    )


def first(translations: tuple[Translation, ...], source: str) -> str:
    return next(t.targets[0][0] for t in translations if t.source == source)


# the shipped weights


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("intellectual property", "知识产权"),
        ("European Union", "欧盟"),
        ("the Central Committee of the Communist Party of China", "中共中央"),
        ("South-to-North Water Diversion", "南水北调"),
        ("power plants", "发电厂"),
        ("Zhejiang", "浙江"),
        ("Beijing", "北京"),
        ("economy", "经济"),
        ("artificial intelligence", "人工智能"),
        ("earthquakes", "地震"),
        ("the spokesperson", "发言人"),
        ("July", "7月"),
        ("hospitals", "医院"),
        ("vaccine", "疫苗"),
    ],
)
def test_shipped_weights_know_the_words_of_news(
    translator: Translator, english: str, chinese: str
) -> None:
    targets = translator.to_chinese(english)[-1].targets
    assert chinese in [word for word, _ in targets]


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("知识产权", "intellectual property"),
        ("医院", "hospital"),
        ("地震", "earthquake"),
        ("北京", "Beijing"),
    ],
)
def test_shipped_weights_translate_back(
    translator: Translator, chinese: str, english: str
) -> None:
    assert english in [word for word, _ in translator.to_english(chinese)]


def test_shares_are_probabilities_in_falling_order(translator: Translator) -> None:
    for translation in translator.to_chinese(
        "The national economy of the European Union grew in July", limit=6
    ):
        shares = [share for _, share in translation.targets]
        assert shares == sorted(shares, reverse=True)
        assert all(0 < share <= 1 for share in shares)
        assert sum(shares) <= 1.05


def test_a_typed_in_lower_case_question_is_known_too(translator: Translator) -> None:
    assert (
        translator.to_chinese("beijing")[0].targets
        == translator.to_chinese("Beijing")[0].targets
    )


# cutting a text into phrases


def test_longest_phrase_wins(toy: Translator) -> None:
    assert [(t.source, t.targets) for t in toy.to_chinese("power plants power")] == [
        ("power plants", (("电厂", 1.0),)),
        ("power", (("力量", 0.6), ("电力", 0.4))),
    ]


def test_articles_inside_a_phrase_do_not_matter(toy: Translator) -> None:
    assert toy.to_chinese("the City of the Nanjing")[1] == Translation(
        "City of the Nanjing", 4, 23, (("南京市", 1.0),), True
    )


@pytest.mark.parametrize(
    "text", ["power, plant", "power. Plant", "power; plant", "power（plant"]
)
def test_a_phrase_does_not_cross_punctuation(toy: Translator, text: str) -> None:
    assert [t.source.lower() for t in toy.to_chinese(text)] == ["power", "plant"]


def test_limit_keeps_the_most_probable(toy: Translator) -> None:
    assert toy.to_chinese("power", limit=1)[0].targets == (("力量", 0.6),)
    assert toy.to_english("电厂", limit=1) == (("power plant", 0.902),)


@pytest.mark.parametrize(
    "text",
    [
        "What is the European Union's plan?",
        "😀 power—plants “in” Zhejiang 浙江, 2,024 km",
        "",
        "？！",
        "U.S.-China trade; don’t",
        "the",
    ],
)
def test_offsets_are_of_the_text_and_in_order(
    translator: Translator, text: str
) -> None:
    end = 0
    for translation in translator.to_chinese(text):
        assert text[translation.start : translation.end] == translation.source
        assert end <= translation.start < translation.end
        end = translation.end


def test_function_words_are_not_content(translator: Translator) -> None:
    content = {
        t.source: t.content
        for t in translator.to_chinese("What is the price of zyxwv in 2024?")
    }
    assert not content["What"]
    assert not content["the"]
    assert content["price"]
    assert content["zyxwv"]


def test_unknown_words_have_no_targets_and_numbers_stay(toy: Translator) -> None:
    assert [(t.source, t.targets) for t in toy.to_chinese("zyxwv 2,024")] == [
        ("zyxwv", ()),
        ("2,024", (("2024", 1.0),)),
    ]
    assert toy.to_english("没有的词") == ()


# names


@pytest.mark.parametrize(
    ("chinese", "spelling"),
    [
        ("赵鹏", "zhaopeng"),
        ("绍兴", "shaoxing"),
        ("西安", "xian"),
        ("陕西", "shaanxi"),
        ("吕布", "lyubu"),
        ("吕布", "lubu"),
        ("吕布", "lvbu"),
        ("重庆", "chongqing"),
        ("重庆", "zhongqing"),  # 重 is read both ways
    ],
)
def test_a_name_in_pinyin(translator: Translator, chinese: str, spelling: str) -> None:
    assert spelling in translator.romanisations(chinese)


def test_what_has_no_reading_has_no_spelling(translator: Translator) -> None:
    assert translator.romanisations("绍兴") == {"shaoxing"}
    assert translator.romanisations("3D打印") == set()
    assert translator.romanisations("") == set()


def test_a_word_of_many_readings_has_64_spellings_at_most(
    translator: Translator,
) -> None:
    assert len(translator.romanisations("行行行行行行行行行行行行")) <= 64


# English words


@pytest.mark.parametrize(
    "forms",
    [
        ("announce", "announces", "announced", "announcing"),
        ("plan", "plans", "planned", "planning"),
        ("study", "studies", "studied", "studying"),
        ("build", "built", "builds"),
        ("box", "boxes"),
        ("child", "children"),
        ("house", "houses"),
        ("rate", "rates", "rated", "rating"),
        ("fix", "fixed"),
        ("organize", "organised", "organising"),
        ("41", "41st"),
    ],
)
def test_inflected_forms_meet(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("operate", "operation"), ("build", "building"), ("new", "news"), ("rate", "rat")],
)
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_may_the_month_and_us_the_country_are_told_from_the_small_words() -> None:
    kinds = {t.form: t.stop for t in tokens("They may tell us what the US did in May")}
    assert kinds["may"] and kinds["us"]
    assert not kinds["May"] and not kinds["u.s"]


def test_possessives_are_left_out() -> None:
    assert phrase_key("the Union's members") == "union member"
    assert phrase_key("China’s plan") == "china plan"


# folders


def test_saved_and_loaded_is_the_same(toy: Translator, tmp_path: Path) -> None:
    toy.save(tmp_path / "model")
    again = Translator.load(tmp_path / "model")
    assert again.to_chinese("power plants, power") == toy.to_chinese(
        "power plants, power"
    )
    assert again.to_english("电厂") == toy.to_english("电厂")
    assert "lvpeng" in again.romanisations("吕鹏")


def test_a_missing_folder_says_which(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="nowhere"):
        Translator.load(tmp_path / "nowhere")


def test_another_model_is_refused(toy: Translator, tmp_path: Path) -> None:
    toy.save(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    with pytest.raises(
        ModelUnavailable, match=r"'bert'.*expected \('chuchu-translation', 1\)"
    ):
        Translator.load(tmp_path)


@pytest.mark.parametrize(
    "damage", ["truncated", "other tensors", "lengths", "not json", "a list"]
)
def test_damaged_weights_are_refused(
    toy: Translator, tmp_path: Path, damage: str
) -> None:
    toy.save(tmp_path)
    weights, config = tmp_path / "model.safetensors", tmp_path / "config.json"
    if damage == "truncated":
        weights.write_bytes(weights.read_bytes()[:-9])
    elif damage == "other tensors":
        save_file({"embeddings": np.zeros(3)}, weights)
    elif damage == "lengths":
        tensors = load_file(weights)
        tensors["to_chinese.lengths"] = tensors["to_chinese.lengths"] + 1
        save_file(tensors, weights)
    else:
        config.write_text("[]" if damage == "a list" else "{", encoding="utf-8")
    with pytest.raises(ModelUnavailable):
        Translator.load(tmp_path)


# learning


def test_smoke_training_learns_words_and_phrases(tmp_path: Path) -> None:
    main(["--smoke", "--out", str(tmp_path)])
    learned = Translator.load(tmp_path)
    translations = learned.to_chinese(
        "The European Union: a book, green: intellectual property rights"
    )
    assert first(translations, "European Union") == "欧盟"
    assert first(translations, "green") == "绿"
    assert first(translations, "book") == "书"
    assert first(translations, "intellectual property rights") == "知识产权"
    assert learned.to_english("欧盟")[0][0] == "European Union"
    assert "nanjing" in learned.romanisations("南京")


def test_training_needs_data_unless_it_is_smoke(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--out", str(tmp_path)])
    assert stopped.value.code == 2
    assert "--data" in capsys.readouterr().err


def test_evaluation_of_a_perfect_and_of_an_empty_translator(toy: Translator) -> None:
    pairs = [sentence_pair("power plants", "电厂"), sentence_pair("plants", "植物")]
    assert evaluate(toy, pairs) == pytest.approx(
        {
            "coverage": 1,
            "precision": 1,
            "precision@1": 1,
            "known": 1,
            "recall@1": 1,
            "recall@10": 1,
            "mrr@10": 1,
        }
    )
    assert evaluate_backward(toy, pairs) == 1.0
    wrong = Translator(
        {"power plant": [("植物", 1.0)], "plant": [("电厂", 1.0)]}, {}, {}, {}
    )
    figures = evaluate(wrong, pairs)
    assert figures["coverage"] == figures["precision"] == figures["recall@1"] == 0.0


def test_model_1_aligns_what_goes_together() -> None:
    # Brown et al.'s own example in small: "the house", "the book", "a book".
    pairs = [([0, 1], [0, 1], 1.0), ([0, 2], [0, 2], 1.0), ([3, 2], [3, 2], 1.0)]
    aligner = Aligner(pairs, (4, 4), Options(diagonal=0.0, null=0.01, discount=0.0))
    assert list(aligner.links()) == [[(0, 0), (1, 1)]] * 3


def test_phrase_pairs_are_those_no_link_leaves() -> None:
    # 0-1, 1-0: each word alone, and both together.
    assert set(phrases([(0, 1), (1, 0)], 2, 2)) == {
        (0, 1, 1, 2),
        (1, 2, 0, 1),
        (0, 2, 0, 2),
    }
    # Word 1 is unlinked: it may join the phrase before it, but is no phrase alone.
    assert set(phrases([(0, 0)], 2, 1)) == {(0, 1, 0, 1), (0, 2, 0, 1)}


def test_lexicon_cleans_glosses() -> None:
    entries = cedict.parse(
        [
            "# comment",
            "北京大學 北京大学 [Bei3 jing1 Da4 xue2] /Peking University (PKU), founded in 1898/CL:所[suo3]/",
            "單 单 [Shan4] /surname Shan/",
            "紹興市 绍兴市 [Shao4 xing1 Shi4] /Shaoxing, prefecture-level city in 浙江[Zhe4 jiang1]/",
            "浙江 浙江 [Zhe4 jiang1] /see 浙江省[Zhe4 jiang1 Sheng3]/",
            "浙江省 浙江省 [Zhe4 jiang1 Sheng3] /Zhejiang Province (Zhe), in east China/",
            "給 给 [gei3] /to give sb sth; to let/variant of 给[gei3]/",
        ]
    )
    lexicon = cedict.lexicon(entries)
    assert dict(lexicon["北京大学"]) == {"Peking University": 1.0, "PKU": 0.8}
    assert "单" not in lexicon
    assert "Shaoxing" in dict(lexicon["绍兴"])
    assert "Zhejiang" in dict(lexicon["浙江"])
    assert list(dict(lexicon["给"])) == ["to give", "to let"]


def test_syllables_keep_common_readings_and_surnames() -> None:
    entries = [cedict.Entry("单个", "單個", ("dan", "ge"), False, ("single",))] * 50
    entries += [cedict.Entry("单", "單", ("shan",), True, ("surname Shan",))]
    entries += [cedict.Entry("单", "單", ("chan",), False, ("rare",))]
    table = cedict.syllables(entries)
    assert "单" in table["dan"] and "單" in table["dan"]
    assert "单" in table["shan"]
    assert "chan" not in table


def test_usual_words_come_first_among_synonyms() -> None:
    forward, backward, _ = lexicon_table(
        {"电厂": [("power plant", 1.0)], "发电厂": [("power plant", 1.0)]},
        {"电厂": 100, "发电厂": 1},
        Recipe().usage,
    )
    assert forward["power plant"]["电厂"] > forward["power plant"]["发电厂"]
    assert backward["电厂"] == {"power plant": 1.0}


def test_words_and_held_out_slice() -> None:
    assert cut("7月1日") == ["7月", "1", "日"]
    assert is_held_out("The same  sentence") == is_held_out("the same sentence")
    share = sum(is_held_out(f"sentence {number}") for number in range(4000)) / 4000
    assert 0.03 < share < 0.07
    counts = word_counts(["国家发展和改革委员会", "发展"], ["国家发展和改革委员会"])
    assert (counts["国家发展和改革委员会"], counts["发展"]) == (1, 2)


def test_news_terms_are_pairs_of_english_and_chinese() -> None:
    terms = read_terms()
    assert len(set(terms)) == len(terms) > 200
    assert all(
        phrase_key(english) and HANZI.search(chinese) for english, chinese in terms
    )


def test_smoke_translator_is_usable_without_a_folder() -> None:
    assert first(smoke().to_chinese("power plants"), "power plants") == "电厂"
