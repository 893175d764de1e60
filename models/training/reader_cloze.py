"""Questions for free: a clause of the news with its fact taken out, and a passage that may hold the fact.

    python -m models.training.reader_cloze --data ../shared/data --out CLOZE.jsonl --count 80000

A fact that stands elsewhere in the article too is asked of a passage without the clause's own sentence
(recurring spans: Ram et al., Few-Shot Question Answering by Pretraining Span Selection, ACL 2021); other
questions are reworded clauses of the passage (cloze translation: Lewis et al., Unsupervised Question
Answering by Cloze Translation, ACL 2019). Some passages do not say.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from models.language.facts import Fact, facts
from models.language.questions import read
from models.language.sentences import sentences
from models.selector.lexicon import Lexicon
from models.selector.network import FOLDER as SELECTOR
from models.training.data import rows
from models.training.paraphrase import Synonyms, reword, synonyms_of

PASSAGE_CHARS = 320
WORDS: Mapping[str, tuple[str, ...]] = {
    "date": ("什么时候", "何时", "哪天", "什么时间"),
    "duration": ("多久", "多长时间"),
    "person": ("谁", "谁", "哪位", "哪个人"),
    "place": ("哪里", "什么地方", "哪个地方", "哪儿"),
    "organisation": ("哪个机构", "什么单位", "哪个部门", "什么组织", "哪家单位"),
    "name": ("什么", "哪个", "什么"),
}
_CLAUSE = re.compile(r"[^，；：,;。！？!?\n]+")
_SAID = re.compile(
    r"(?P<ask>[^，。；！？\n]{3,25}?(?:是|为|包括|成为|称为|获得|位于|来自|达到|称|有|提出|推出))"
    r"(?P<said>[^，。；！？\n]{2,28})(?=[，。；])"
)
_REASON = re.compile(
    r"(?:因为|由于)(?P<said>[^，。；！？\n]{4,30})，(?P<ask>[^，。；！？\n]{5,30})(?=[，。；])"
)
_MANNER = re.compile(r"通过(?P<said>[^，。；！？\n]{4,30})，(?P<ask>[^，。；！？\n]{5,30})(?=[，。；])")
_STALE = re.compile(
    r"^(?:据悉|据了解|其中|此外|同时|另外|目前|而|但|并|也|还|同日|对此|因此|所以|记者获悉)[，,]?"
)


class Cloze(NamedTuple):
    question: str
    passage: str
    start: int
    end: int
    answers: tuple[str, ...]


class Writer:
    """Writes the questions of one article after another."""

    def __init__(self, synonyms: Synonyms, lexicon: Lexicon, rng: random.Random) -> None:
        self.synonyms, self.lexicon, self.rng = synonyms, lexicon, rng

    def of(self, text: str) -> Iterator[Cloze]:
        """One question, two at times; none of an article that has nothing to ask for."""
        spans = [(s, e) for s, e in sentences(text) if 12 <= e - s <= 160]
        if len(spans) < 3:
            return
        for start, end in self.rng.sample(spans, 2 if len(spans) > 8 else 1):
            sentence = text[start:end]
            asked = self._fact(sentence) if self.rng.random() < 0.65 else self._phrase(sentence)
            if asked is not None:
                question, a, b = asked
                yield from self._placed(text, spans, (start, end), question, start + a, start + b)

    def _fact(self, sentence: str) -> tuple[str, int, int] | None:
        known = [f for f in facts(sentence) if f.end - f.start <= 20]
        if not known:
            return None
        kinds = sorted({f.kind for f in known})
        kind = self.rng.choice(kinds)
        fact = self.rng.choice([f for f in known if f.kind == kind])
        clause = self._clause(sentence, fact.start, fact.end)
        if clause is None:
            return None
        a, b = clause
        question = sentence[a : fact.start] + self._word(sentence, fact) + sentence[fact.end : b]
        return question, fact.start, fact.end

    def _word(self, sentence: str, fact: Fact) -> str:
        said = sentence[fact.start : fact.end]
        if fact.kind == "number":
            return (
                self.rng.choice(("多少", "多少", "几")) + fact.unit
                if fact.unit and fact.unit not in "%％"
                else "多少"
            )
        if fact.kind == "date" and said.endswith("年"):
            return self.rng.choice(("哪年", "哪一年", "什么时候"))
        if fact.kind == "organisation" and said.endswith(("公司", "集团", "大学", "学院", "医院", "银行")):
            return self.rng.choice(("哪家", "哪个", "什么")) + said[-2:]
        if fact.kind == "place" and said.endswith(("省", "市", "县", "区", "国", "镇", "村", "河", "山")):
            return self.rng.choice(("哪个" + said[-1:], "哪里"))
        return self.rng.choice(WORDS[fact.kind])

    def _clause(self, sentence: str, start: int, end: int) -> tuple[int, int] | None:
        """The clause of the fact, with a neighbour when it is short."""
        found = [m.span() for m in _CLAUSE.finditer(sentence)]
        own = [i for i, (a, b) in enumerate(found) if a <= start and end <= b]
        if not own:
            return None
        first = last = own[0]
        want = self.rng.randint(8, 26)
        while found[last][1] - found[first][0] < want and (first > 0 or last + 1 < len(found)):
            if first > 0 and (last + 1 == len(found) or self.rng.random() < 0.6):
                first -= 1
            else:
                last += 1
        a, b = found[first][0], found[last][1]
        a += len(match.group()) if (match := _STALE.match(sentence[a:start])) else 0
        return (a, b) if 8 <= b - a <= 60 else None

    def _phrase(self, sentence: str) -> tuple[str, int, int] | None:
        for pattern, before, after in self.rng.sample(
            [
                (_SAID, "", "什么"),
                (_REASON, "为什么", ""),
                (_MANNER, "如何", ""),
                (_REASON, "", "的原因是什么"),
            ],
            4,
        ):
            match = pattern.search(sentence)
            if match is not None:
                ask = _STALE.sub("", match["ask"])
                listed = after == "什么" and "、" in match["said"]
                return before + ask + ("哪些" if listed else after), *match.span("said")
        return None

    def _placed(
        self,
        text: str,
        spans: list[tuple[int, int]],
        own: tuple[int, int],
        question: str,
        start: int,
        end: int,
    ) -> Iterator[Cloze]:
        """The question with a passage: another that holds the fact, its own, or one that does not say."""
        said = text[start:end]
        asks = read(question)
        telling = {w.text for w in asks.content if self.lexicon.idf(w.text) > 4 and w.text not in said}
        if not telling:
            return
        again = [
            s
            for s in spans
            if s != own and said in text[s[0] : s[1]] and any(w in text[s[0] : s[1]] for w in telling)
        ]
        if again and self.rng.random() < 0.8:
            other = self.rng.choice(again)
            a, b = self._window(text, other, own)
            at = text.index(said, other[0]) - a
            yield Cloze(question + "？", text[a:b], at, at + len(said), (said,))
        elif self.rng.random() < 0.12:
            away = [s for s in spans if abs(s[0] - own[0]) > PASSAGE_CHARS]
            if away:
                a, b = self._window(text, self.rng.choice(away), own)
                if said not in text[a:b]:
                    yield Cloze(self._reworded(question) + "？", text[a:b], -1, -1, ())
        else:
            a, b = self._window(text, own, None)
            yield Cloze(self._reworded(question) + "？", text[a:b], start - a, end - a, (said,))

    def _window(self, text: str, around: tuple[int, int], without: tuple[int, int] | None) -> tuple[int, int]:
        """Up to PASSAGE_CHARS around a sentence, stopping short of the one that is left out."""
        size = self.rng.randint(140, PASSAGE_CHARS)
        a = max(0, around[0] - self.rng.randint(0, max(size - (around[1] - around[0]), 1)))
        b = min(len(text), max(a + size, around[1]))
        if without is not None and without[0] < b and a < without[1]:
            a, b = (without[1], b) if around[0] >= without[1] else (a, without[0])
        return a, b

    def _reworded(self, question: str) -> str:
        """Some words for their synonyms, some left out."""
        said = reword(question, self.synonyms, self.rng)
        content = [w for w in read(said).content if w.tag[:2] not in ("nr", "ns", "nt")]
        left_out = [w for w in content if self.rng.random() < 0.22]
        if len(content) - len(left_out) < 2:
            return said
        for word in sorted(left_out, key=lambda w: -w.start):
            said = said[: word.start] + said[word.end :]
        return said


def clozes(data: Path, models: Path, count: int, shortest: int, rng: random.Random) -> Iterator[Cloze]:
    """``count`` questions at most, over articles in random order; a tenth of the articles is kept out."""
    writer = Writer(synonyms_of(data), Lexicon(models / "chuchu-selector"), rng)
    articles = [
        row["text"]
        for row in rows(data / "text" / "news_zh.jsonl.xz")
        if zlib.crc32(row["id"].encode()) % 10 and shortest < len(row["text"]) < 3000
    ]
    rng.shuffle(articles)
    made = 0
    for text in articles:
        for cloze in writer.of(text):
            yield cloze
            made += 1
            if made == count:
                return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=SELECTOR.parent, help="where the selector is")
    parser.add_argument("--count", type=int, default=80_000)
    parser.add_argument("--shortest", type=int, default=200, help="characters of an article that is used")
    args = parser.parse_args()
    with args.out.open("w", encoding="utf-8") as file:
        for cloze in clozes(args.data, args.models, args.count, args.shortest, random.Random(1)):
            row: dict[str, Any] = cloze._asdict()
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
