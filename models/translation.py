"""A small learned dictionary between English and Chinese, for search and alignment, not for reading.

    translator = Translator.load()
    translator.to_chinese("Intellectual property in Zhejiang")
    # (Translation("Intellectual property", 0, 21, (("知识产权", 0.98), …), True), …)

``models.training.translation`` says how it was learned; the model card in the weights' folder, on what.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from models.english import ARTICLES, Token, tokens
from models.errors import ModelUnavailable
from models.romanisation import Romaniser

DEFAULT_FOLDER = Path(__file__).parent / "weights" / "chuchu-translation"
MODEL_TYPE, FORMAT = "chuchu-translation", 1

Targets = tuple[tuple[str, float], ...]
"""``(word, probability)``, most probable first."""
Table = Mapping[str, Sequence[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class Translation:
    """A phrase of the English text, ``source == text[start:end]``, and what it may be in Chinese.

    ``targets`` is empty when the phrase is not known. ``content`` is False for function words.
    """

    source: str
    start: int
    end: int
    targets: Targets
    content: bool


class Translator:
    """Word and phrase translations both ways, and the romanisation of Chinese names.

    Args:
        to_chinese: English key (see ``models.english.phrase_key``) -> Chinese words with P(zh | en).
        to_english: Chinese word -> English keys with P(en | zh).
        spellings: word of a key -> how it is written (``announc`` -> ``announce``).
        syllables: toneless pinyin syllable -> characters read so.
    """

    def __init__(
        self,
        to_chinese: Table,
        to_english: Table,
        spellings: Mapping[str, str],
        syllables: Mapping[str, str],
    ) -> None:
        # A word may be a target that has no row of its own, and the other way round.
        self._chinese = sorted(_targets_of(to_chinese) | set(to_english))
        self._english = sorted(_targets_of(to_english) | set(to_chinese))
        self._spellings = _spellings_kept(self._english, spellings)
        self._syllables = dict(syllables)
        self._forward = _Rows.pack(to_chinese, self._english, self._chinese)
        self._backward = _Rows.pack(to_english, self._chinese, self._english)

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """Open the weights in ``folder``, by default the ones that come with Chuchu.

        Raises:
            ModelUnavailable: the folder is missing, or holds something else.
        """
        folder = folder or DEFAULT_FOLDER
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            tensors = load_file(folder / "model.safetensors")
            kind = (config["model_type"], config.get("format"))
            if kind != (MODEL_TYPE, FORMAT):
                raise ModelUnavailable(
                    f"{folder}/config.json: model_type and format are {kind}, expected {(MODEL_TYPE, FORMAT)}"
                )
            self = cls.__new__(cls)
            self._chinese = _lines(tensors["chinese"])
            self._english = _lines(tensors["english"])
            self._spellings = dict(
                zip(_lines(tensors["form"]), _lines(tensors["spelling"]), strict=True)
            )
            self._syllables = config["syllables"]
            self._forward = _Rows.unpack(tensors, "to_chinese")
            self._backward = _Rows.unpack(tensors, "to_english")
        except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
            raise ModelUnavailable(
                f"{folder}: not a translation model ({error})"
            ) from error
        return self

    def save(self, folder: Path) -> None:
        """Write ``config.json`` and ``model.safetensors``."""
        folder.mkdir(parents=True, exist_ok=True)
        config = {
            "model_type": MODEL_TYPE,
            "format": FORMAT,
            "syllables": self._syllables,
        }
        text = json.dumps(config, ensure_ascii=False, indent=1)
        (folder / "config.json").write_text(text + "\n", encoding="utf-8")
        tensors = {
            "chinese": _bytes(self._chinese),
            "english": _bytes(self._english),
            "form": _bytes(list(self._spellings)),
            "spelling": _bytes(list(self._spellings.values())),
            **self._forward.tensors("to_chinese"),
            **self._backward.tensors("to_english"),
        }
        (folder / "model.safetensors").write_bytes(save(tensors))

    def to_chinese(self, text: str, limit: int = 4) -> tuple[Translation, ...]:
        """Cut ``text`` into its longest known phrases, from the left, and translate each.

        Args:
            limit: the most targets of a phrase.
        """
        return tuple(self._segments(text, list(tokens(text)), limit))

    def to_english(self, word: str, limit: int = 4) -> Targets:
        """What a Chinese word may be in English; empty if it is not known. Words stand uninflected."""
        row = self._chinese_index.get(word)
        if row is None:
            return ()
        targets = self._backward.targets(row, limit)
        return tuple(
            (self._spelled(self._english[column]), share) for column, share in targets
        )

    def romanisations(self, word: str) -> set[str]:
        """How ``word`` may be spelled in pinyin, lower case without spaces: 绍兴 -> ``{"shaoxing"}``."""
        return self.romaniser.romanisations(word)

    @cached_property
    def romaniser(self) -> Romaniser:
        return Romaniser(self._syllables)

    @cached_property
    def _english_index(self) -> dict[str, int]:
        return {key: index for index, key in enumerate(self._english)}

    @cached_property
    def _chinese_index(self) -> dict[str, int]:
        return {word: index for index, word in enumerate(self._chinese)}

    @cached_property
    def _longest(self) -> int:
        return max((key.count(" ") + 1 for key in self._english), default=1)

    def _spelled(self, key: str) -> str:
        return " ".join(self._spellings.get(form, form) for form in key.split())

    def _segments(
        self, text: str, words: list[Token], limit: int
    ) -> Iterator[Translation]:
        position = 0
        while position < len(words):
            end, targets = self._longest_match(text, words, position, limit)
            phrase = words[position:end]
            start = phrase[0].start
            stop = phrase[-1].end
            # "of the" says nothing of what is sought; "bank of" does.
            content = not all(word.stop for word in phrase)
            yield Translation(text[start:stop], start, stop, targets, content)
            position = end

    def _longest_match(
        self, text: str, words: list[Token], start: int, limit: int
    ) -> tuple[int, Targets]:
        """The end of the longest known phrase that begins at ``start``, and its translations."""
        best_end = start + 1
        best: Targets = ()
        if words[start].form in ARTICLES:
            return best_end, ()
        forms: list[str] = []
        # Keys have no articles: two more words leave room for "the" twice within a phrase.
        last = min(len(words), start + self._longest + 2)
        for end in range(start + 1, last + 1):
            word = words[end - 1]
            if end > start + 1 and not _joined(text, words[end - 2].end, word.start):
                break
            if word.form in ARTICLES:
                continue
            forms.append(word.form)
            targets = self._chinese_targets(" ".join(forms), limit)
            if targets:
                best_end, best = end, targets
        first = words[start].form
        if not best and first[0].isdigit():
            # 12,000 stands in Chinese text as 12000.
            return best_end, ((first.replace(",", ""), 1.0),)
        return best_end, best

    def _chinese_targets(self, key: str, limit: int) -> Targets:
        """What the table has for a key; empty if it is not known."""
        row = self._english_index.get(key)
        if row is None:
            return ()
        return tuple(
            (self._chinese[column], share)
            for column, share in self._forward.targets(row, limit)
        )


class _Rows:
    """A sparse matrix by rows: for each row how many cells it has, their columns, their shares in 1/255."""

    def __init__(
        self,
        lengths: npt.NDArray[np.uint8],
        columns: npt.NDArray[np.uint32],
        shares: npt.NDArray[np.uint8],
    ) -> None:
        self.lengths, self.columns, self.shares = lengths, columns, shares
        self._ends = np.cumsum(lengths, dtype=np.uint32)

    @classmethod
    def pack(cls, table: Table, rows: Sequence[str], columns: Sequence[str]) -> _Rows:
        column_of = {word: number for number, word in enumerate(columns)}
        lengths: list[int] = []
        cells: list[int] = []
        shares: list[int] = []
        for row in rows:
            targets = table.get(row, ())
            lengths.append(len(targets))
            for word, share in targets:
                cells.append(column_of[word])
                # .98 is kept as 250 of 255. The least is 1: a share of 0 would be no translation.
                shares.append(min(255, max(1, round(share * 255))))
        return cls(
            np.array(lengths, np.uint8),
            np.array(cells, np.uint32),
            np.array(shares, np.uint8),
        )

    @classmethod
    def unpack(cls, tensors: Mapping[str, npt.NDArray[Any]], name: str) -> _Rows:
        rows = cls(
            tensors[f"{name}.lengths"],
            tensors[f"{name}.columns"],
            tensors[f"{name}.shares"],
        )
        cells = int(rows.lengths.sum())
        if not cells == len(rows.columns) == len(rows.shares):
            raise ValueError(f"{name}: lengths, columns and shares do not fit together")
        return rows

    def tensors(self, name: str) -> dict[str, npt.NDArray[Any]]:
        return {
            f"{name}.lengths": self.lengths,
            f"{name}.columns": self.columns,
            f"{name}.shares": self.shares,
        }

    def targets(self, row: int, limit: int) -> list[tuple[int, float]]:
        """The first ``limit`` cells of a row: column, share. A row's shares fall."""
        row_end = int(self._ends[row])
        start = row_end - int(self.lengths[row])
        end = min(row_end, start + limit)
        columns = self.columns[start:end].tolist()
        shares = self.shares[start:end].tolist()
        return [
            (column, round(share / 255, 3))
            for column, share in zip(columns, shares, strict=True)
        ]


def _targets_of(table: Table) -> set[str]:
    """Every word that some row of the table translates into."""
    words: set[str] = set()
    for targets in table.values():
        words.update(word for word, _ in targets)
    return words


def _spellings_kept(
    keys: Sequence[str], spellings: Mapping[str, str]
) -> dict[str, str]:
    """Of each word of a key how it is written, unless it is written so: ``announc`` -> ``announce``."""
    forms: set[str] = set()
    for key in keys:
        forms.update(key.split())
    kept: dict[str, str] = {}
    for form in sorted(forms):
        spelling = spellings.get(form, form)
        if spelling != form:
            kept[form] = spelling
    return kept


def _joined(text: str, end: int, start: int) -> bool:
    """Whether two words stand in one phrase: only spaces, a hyphen or a possessive between them."""
    return not text[end:start].strip(" \t\n-'’s&/·")


def _bytes(lines: Sequence[str]) -> npt.NDArray[Any]:
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def _lines(blob: npt.NDArray[Any]) -> list[str]:
    return blob.tobytes().decode().split("\n")
