"""Reads the data folder: news, questions with passages, translations, the lexicon.

Every reader yields plain strings, lazily, and skips a set that the folder lacks, so that a part of
the data trains a (lesser) model. ``python -m models.training.data toy FOLDER`` writes a tiny folder
of generated sentences in the same layout, on which the whole story runs in seconds.
"""

from __future__ import annotations

import gzip
import itertools
import json
import lzma
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?]+[”’」』）)]*|[^。！？!?\n]+\n?|\n")
"""A Chinese sentence with its closing marks. Tiles any text: nothing between two matches."""

BLOCK = 40
"""Rows of a parallel set that stand or fall together: neighbours come from one article."""

HELD_OUT_BLOCKS = 20
"""One block in this many is kept out of training, to measure English questions on Chinese passages."""

HELD_OUT_SETS = ("alma_en_zh", "ntrex_multi", "tico_en_zh")


class Pair(NamedTuple):
    """A query and the passage that should be found for it."""

    query: str
    passage: str


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """A line of CC-CEDICT: traditional and simplified headword, English glosses."""

    traditional: str
    simplified: str
    glosses: tuple[str, ...]


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a ``.jsonl.xz`` file, one a line; none if there is no such file."""
    if not path.is_file():
        return
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def news(folder: Path) -> Iterator[str]:
    """The text of each news article."""
    return (row["text"] for row in rows(folder / "text" / "news_zh.jsonl.xz"))


def sentences(text: str) -> list[str]:
    """Split into sentences; their concatenation is ``text``."""
    return SENTENCE.findall(text)


def split_passages(text: str, characters: int = 200) -> list[str]:
    """Cut a text at ends of sentences into passages of about 170 to ``characters`` characters.

    A sentence longer than that is a passage of its own; the last passage takes in a short tail.
    """
    passages: list[str] = []
    current = ""
    for sentence in sentences(text):
        if current and len(current) + len(sentence) > characters:
            passages.append(current)
            current = ""
        current += sentence
    # A tail of 40 characters is no passage: the one before it may have 240.
    if current and passages and len(current) < characters // 4:
        passages[-1] += current
    elif current:
        passages.append(current)
    stripped = (passage.strip() for passage in passages)
    return [passage for passage in stripped if passage]


def reading(folder: Path, names: str = "*") -> Iterator[Pair]:
    """Question and passage of each reading set whose name matches the glob ``names``."""
    for path in sorted((folder / "reading").glob(f"{names}.jsonl.xz")):
        for row in rows(path):
            title = row["title"].strip()
            context = row["context"]
            # Encyclopaedias open with their title; said twice it would weigh twice.
            if title and title not in context[:80]:
                context = f"{title}\n{context}"
            yield Pair(row["question"], context)


def answer_sentences(folder: Path, names: str = "*") -> Iterator[Pair]:
    """Question and the sentence, with its neighbours, that holds the first answer."""
    for path in sorted((folder / "reading").glob(f"{names}.jsonl.xz")):
        for row in rows(path):
            start = row["answers"][0]["start"]
            parts = sentences(row["context"])
            end = 0
            for index, sentence in enumerate(parts):
                end += len(sentence)
                if start < end:
                    around = parts[max(0, index - 1) : index + 2]
                    yield Pair(row["question"], "".join(around))
                    break


def pairs(folder: Path) -> Iterator[Pair]:
    """Query and passage of each set under ``pairs/``."""
    for path in sorted((folder / "pairs").glob("*.jsonl.xz")):
        for row in rows(path):
            yield Pair(row["query"], row["passage"])


def titles(folder: Path) -> Iterator[Pair]:
    """Title and text: of encyclopaedia passages, and the opening sentence of each news article."""
    seen: set[str] = set()
    for path in sorted((folder / "reading").glob("*.jsonl.xz")):
        for row in rows(path):
            if row["title"] and row["context"] not in seen:
                seen.add(row["context"])
                yield Pair(row["title"], row["context"])


def translations(folder: Path) -> Iterator[tuple[str, list[Pair]]]:
    """``(languages, pairs)`` of each parallel set, English first, without the rows held out."""
    kept_out: set[str] = set()
    for block in held_out(folder):
        kept_out.update(pair.query for pair in block)
    for path in sorted((folder / "parallel").glob("*.jsonl.xz")):
        by_language: dict[str, list[Pair]] = {}
        for row in rows(path):
            if row["en"] in kept_out:
                continue
            for language, text in row.items():
                if language != "en" and isinstance(text, str) and text.strip():
                    by_language.setdefault(language, []).append(Pair(row["en"], text))
        yield from by_language.items()


def held_out(folder: Path) -> Iterator[list[Pair]]:
    """Blocks of consecutive English and Chinese sentences that training never sees."""
    for name in HELD_OUT_SETS:
        block: list[Pair] = []
        for number, row in enumerate(rows(folder / "parallel" / f"{name}.jsonl.xz")):
            # The last of twenty blocks: rows 760 to 799, 1,560 to 1,599, …
            if number // BLOCK % HELD_OUT_BLOCKS != HELD_OUT_BLOCKS - 1:
                continue
            block.append(Pair(row["en"], row["zh"]))
            if len(block) == BLOCK:
                yield block
                block = []


def lexicon(folder: Path) -> Iterator[LexiconEntry]:
    """The entries of CC-CEDICT, their glosses without remarks in brackets."""
    path = folder / "lexicon" / "cc_cedict.txt.gz"
    if not path.is_file():
        return
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#") or " /" not in line:
                continue
            head, _, body = line.strip().partition(" /")
            traditional, simplified = head.split(" ", 2)[:2]
            plain = (_plain_gloss(gloss) for gloss in body.strip("/").split("/"))
            glosses = tuple(gloss for gloss in plain if gloss)
            if glosses:
                yield LexiconEntry(traditional, simplified, glosses)


POINTERS = (
    "CL:",
    "variant of",
    "old variant",
    "see ",
    "surname ",
    "used in ",
    "abbr. for",
)


def _plain_gloss(gloss: str) -> str:
    """``to do sth (formal) [xx1]`` -> ``to do something``; pointers to other entries are dropped."""
    if gloss.startswith(POINTERS):
        return ""
    gloss = re.sub(r"\([^)]*\)|\[[^]]*\]", " ", gloss)
    # Whatever still holds Chinese points to another entry: "equivalent to 高興|高兴".
    if re.search(r"[\u3400-\u9fff]", gloss):
        return ""
    gloss = re.sub(r"\bsb\b", "somebody", gloss)
    gloss = re.sub(r"\bsth\b", "something", gloss)
    return " ".join(gloss.split())


def texts(folder: Path) -> Iterator[tuple[str, int]]:
    """Every text and how much it weighs in counting words: what is rare here is common elsewhere."""
    for text in news(folder):
        yield text, 1
    seen: set[str] = set()
    for pair in (*reading(folder), *pairs(folder)):
        for text in pair:
            if text not in seen:
                seen.add(text)
                yield text, 3
    for _, translated in translations(folder):
        for pair in translated:
            yield pair.query, 2
            yield pair.passage, 2
    for entry in lexicon(folder):
        yield entry.simplified, 1
        yield "\n".join(entry.glosses), 1


_TOY_PLACES = [
    ("北京", "Beijing"),
    ("上海", "Shanghai"),
    ("广州", "Guangzhou"),
    ("武汉", "Wuhan"),
]
_TOY_THINGS = [
    ("图书馆", "library"),
    ("医院", "hospital"),
    ("学校", "school"),
    ("机场", "airport"),
]
_TOY_DEEDS = [
    ("新建", "built"),
    ("关闭", "closed"),
    ("扩建", "extended"),
    ("开放", "opened"),
]


def write_toy(folder: Path) -> None:
    """Write a data folder of 64 generated facts in the real layout, each the news of three articles."""
    facts = _toy_facts()
    _write(folder / "text" / "news_zh.jsonl.xz", _toy_news(facts))
    questions = [_toy_question(fact) for fact in facts]
    _write(folder / "reading" / "toy.jsonl.xz", questions)
    # Twenty times over, so that some blocks of 40 rows fall to those held out.
    parallel = ({"en": fact.english, "zh": fact.chinese} for fact in facts * 20)
    _write(folder / "parallel" / "tico_en_zh.jsonl.xz", parallel)
    lexicon_file = folder / "lexicon" / "cc_cedict.txt.gz"
    lexicon_file.parent.mkdir(parents=True, exist_ok=True)
    words = (*_TOY_PLACES, *_TOY_THINGS, *_TOY_DEEDS)
    with gzip.open(lexicon_file, "wt", encoding="utf-8") as file:
        file.writelines(f"{zh} {zh} [x1] /{en}/\n" for zh, en in words)
    paragraphs = [
        {"context": row["context"], "qas": [_squad(row)]} for row in questions
    ]
    squad = {"data": [{"title": "toy", "paragraphs": paragraphs}]}
    (folder / "dev").mkdir(parents=True, exist_ok=True)
    (folder / "dev" / "cmrc2018_dev.json").write_text(
        json.dumps(squad), encoding="utf-8"
    )


class _ToyFact(NamedTuple):
    """A made-up sentence in both languages, and the number in it, by which facts differ."""

    chinese: str
    english: str
    number: int


def _toy_facts() -> list[_ToyFact]:
    """One of each place, thing and deed: 北京去年新建了1座图书馆。, …"""
    facts: list[_ToyFact] = []
    combined = itertools.product(_TOY_PLACES, _TOY_THINGS, _TOY_DEEDS)
    for number, (place, thing, deed) in enumerate(combined, start=1):
        chinese = f"{place[0]}去年{deed[0]}了{number}座{thing[0]}。"
        english = f"{place[1]} {deed[1]} {number} {thing[1]} buildings last year."
        facts.append(_ToyFact(chinese, english, number))
    return facts


def _toy_news(facts: Sequence[_ToyFact]) -> Iterator[dict[str, Any]]:
    """Three articles a fact, each with one of the three facts before it (of the first, the last ones)."""
    for index, fact in enumerate(facts):
        for back in (1, 2, 3):
            yield {
                "id": f"toy:{index}:{back}",
                "published": "2023-08-16",
                "text": fact.chinese * 2 + facts[index - back].chinese * 3,
            }


def _toy_question(fact: _ToyFact) -> dict[str, Any]:
    """北京去年新建了1座图书馆。 -> 北京去年新建了多少座图书馆？"""
    number = str(fact.number)
    return {
        "id": f"toy:{number}",
        "title": "",
        "context": fact.chinese,
        "question": fact.chinese.replace(number, "多少").replace("。", "？"),
        "answers": [{"text": number, "start": fact.chinese.index(number)}],
        "lang": "zh",
    }


def _squad(row: dict[str, Any]) -> dict[str, Any]:
    answers = [{"text": a["text"], "answer_start": a["start"]} for a in row["answers"]]
    return {"id": row["id"], "question": row["question"], "answers": answers}


def _write(path: Path, objects: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in objects)


if __name__ == "__main__":
    if sys.argv[1:2] != ["toy"] or len(sys.argv) != 3:
        sys.exit("usage: python -m models.training.data toy FOLDER")
    write_toy(Path(sys.argv[2]))
