"""The reader: a question and passages in, for each whether it answers, and where.

    reader = PassageReader.load()
    (reading,) = reader.read("质保多久？", [("加湿器选购手册 › 表2", "型号：CX-230；质保：两年")])
    reading.log_odds, reading.best()

A cross-encoder on the trunk: ``<s> question </s></s> context`` and the passage on the next line ``</s>``. One
pass gives the log-odds that the passage answers, which rank passages and decide on refusal, and the span
(Devlin et al. 2019, with the answer's own vectors beside the first token's for the decision). Only the
passage can hold the answer; its context is read, never quoted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, BertConfig, BertModel, PreTrainedModel
from transformers.utils import logging

from models.arrays import Floats, Ints
from models.folders import WEIGHTS
from models.support.records import Statement
from models.trunk import (
    PADDING,
    START,
    STOP,
    batches_of,
    best_dtype,
    load_embeddings,
    load_quantised,
    load_tokenizer,
    padded,
    read_json,
    save_quantised,
)

READER = WEIGHTS / "chuchu-reader"
EMBEDDINGS = "trunk.embeddings.word_embeddings.weight"
MOST_QUESTION, MOST_CONTEXT, MOST_TEXT = 64, 120, 440
"""Tokens of a question, of a context (its last, the nearest heading), of context and passage together."""
MOST_CLAIM = 100
"""Tokens of a claim."""
MOST_CHARACTERS = 4096
"""Of a context (its last), and of a passage: more than these have in tokens, in any script."""
LONGEST_ANSWER = 60
"""Tokens."""
FORBIDDEN = -1e4

Offsets = Ints
"""``(tokens, 2)``: the characters ``[start, end)`` of each token."""
ContextAndText = tuple[str, str]


class ReaderConfig(BertConfig):  # type: ignore[no-untyped-call]
    """The trunk's configuration under a name of its own, so that ``AutoModel`` finds the heads."""

    model_type = "chuchu-reader"


class ReaderOutput(NamedTuple):
    """Logits of start and end, each ``(batch, tokens)``, and of answering at all, ``(batch,)``."""

    starts: Tensor
    ends: Tensor
    answers: Tensor


class ReaderNetwork(PreTrainedModel):  # type: ignore[no-untyped-call]
    """The trunk with three heads: the span, whether it answers, and whether a quote supports a claim."""

    config_class = ReaderConfig
    base_model_prefix = "trunk"

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__(config)
        width = config.hidden_size
        self.trunk = BertModel(config, add_pooling_layer=False)
        self.span = nn.Linear(width, 2)
        self.answers = nn.Sequential(
            nn.Linear(2 * width, width), nn.GELU(), nn.Linear(width, 1)
        )
        self.support = nn.Sequential(
            nn.Linear(width, width), nn.GELU(), nn.Linear(width, 3)
        )
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            nn.init.zeros_(module.bias)

    def hidden(self, input_ids: Tensor) -> Tensor:
        """The last layer, float32, ``(batch, tokens, 384)``."""
        attended = input_ids != PADDING
        states = self.trunk(
            input_ids=input_ids, attention_mask=attended
        ).last_hidden_state
        return torch.as_tensor(states).float()

    def forward(self, input_ids: Tensor, answerable: Tensor) -> ReaderOutput:
        """Read a batch.

        Args:
            input_ids: ``(batch, tokens)``, padded with 1.
            answerable: ``(batch, tokens)``, true where an answer may stand.
        """
        hidden = self.hidden(input_ids)
        spans = self.span(hidden).masked_fill(~answerable[..., None], FORBIDDEN)
        # What the likeliest answer looks like, beside what the first token makes of the whole.
        # Of a passage without any token that is all tokens alike, but never those that only fill the row.
        # A token where no answer may stand has twice -1e4, one that fills the row thrice.
        likely = spans.sum(-1).masked_fill(input_ids == PADDING, 3 * FORBIDDEN)
        weights = likely.softmax(-1)
        answer = (weights[..., None] * hidden).sum(1)
        odds = self.answers(torch.cat([hidden[:, 0], answer], -1))[:, 0]
        return ReaderOutput(spans[..., 0], spans[..., 1], odds)

    def judge(self, input_ids: Tensor) -> Tensor:
        """Claim and quote -> logits of supported, contradicted, not said; ``(batch, 3)``."""
        return torch.as_tensor(self.support(self.hidden(input_ids)[:, 0]))


AutoConfig.register(ReaderConfig.model_type, ReaderConfig)
AutoModel.register(ReaderConfig, ReaderNetwork)


@dataclass(frozen=True, slots=True)
class PassageReading:
    """What the reader says of one passage.

    ``log_odds`` that it answers at all. ``starts`` and ``ends``: logits of each token of the passage, shape
    ``(tokens,)``; ``offsets``: where the tokens stand in the passage's text, ``(tokens, 2)``, code points.
    """

    log_odds: float
    starts: Floats
    ends: Floats
    offsets: Offsets

    @property
    def best_log_probability(self) -> float:
        """Of the likeliest answer in all of the passage; minus infinity when it has no tokens."""
        found = self.best()
        return found[2] if found else float("-inf")

    def best(
        self, low: int = 0, high: int | None = None
    ) -> tuple[int, int, float] | None:
        """The likeliest answer within the characters ``[low, high)``: start, end, and its log-probability."""
        first, last = 0, len(self.offsets)
        if high is not None:
            first = int(np.searchsorted(self.offsets[:, 0], low, side="left"))
            last = int(np.searchsorted(self.offsets[:, 1], high, side="right"))
        return self._best_of(first, last)

    def best_touching(self, low: int, high: int) -> tuple[int, int, float] | None:
        """As ``best``, of all tokens that reach into ``[low, high)``: a colon and a value may be one."""
        first = int(np.searchsorted(self.offsets[:, 1], low, side="right"))
        last = int(np.searchsorted(self.offsets[:, 0], high, side="left"))
        return self._best_of(first, last)

    def _best_of(self, first: int, last: int) -> tuple[int, int, float] | None:
        """The likeliest answer among the tokens ``[first, last)``."""
        if first >= last:
            return None
        count = last - first
        scores = self.starts[first:last, None] + self.ends[None, first:last]
        # An answer ends no earlier than it starts, and 59 tokens later at most.
        every = np.ones(scores.shape, bool)
        ordered = np.triu(every) & ~np.triu(every, LONGEST_ANSWER)
        scores = np.where(ordered, scores, -np.inf)
        # The scores are counted row by row: of 10 tokens, 23 is from token 2 to token 3.
        at = int(scores.argmax())
        start = first + at // count
        end = first + at % count
        normal = _log_sum(self.starts) + _log_sum(self.ends)
        log_probability = float(scores.flat[at]) - normal
        return int(self.offsets[start, 0]), int(self.offsets[end, 1]), log_probability


class PassageReader:
    """The network and its tokenizer. Safe from one thread at a time."""

    def __init__(
        self, network: ReaderNetwork, tokenizer: Tokenizer, dtype: torch.dtype
    ) -> None:
        self._network = network.eval()  # type: ignore[no-untyped-call]
        self._network.trunk.to(dtype)
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, folder: Path = READER, dtype: torch.dtype | None = None) -> Self:
        """Raises ModelUnavailable."""
        return cls(load_network(folder), load_tokenizer(), dtype or best_dtype())

    def read(
        self, question: str, passages: Sequence[ContextAndText]
    ) -> list[PassageReading]:
        """One reading a passage, in their order."""
        asked = self._ids(question)
        encoded = [self._encode(asked, context, text) for context, text in passages]
        readings: list[PassageReading | None] = [None] * len(encoded)
        for batch in batches_of([len(each.ids) for each in encoded]):
            output = self._run([encoded[number] for number in batch])
            for row, number in enumerate(batch):
                readings[number] = _reading(encoded[number], output, row)
        return [reading for reading in readings if reading is not None]

    def judge(self, statements: Sequence[Statement]) -> Floats:
        """Probabilities of supported, contradicted, not said; ``(len(statements), 3)``.

        Of a claim or a quote too long to be read whole nothing is known, so it is not said: (0, 0, 1).
        """
        chances = np.tile(np.array([0, 0, 1], np.float32), (len(statements), 1))
        whole: list[int] = []
        rows: list[list[int]] = []
        for number, each in enumerate(statements):
            claim = self._tokenizer.encode(each.claim, add_special_tokens=False).ids
            encoded = self._encode(list(claim), each.context, each.quote)
            # White space at the end has no token: a quote is read whole without it.
            reached = encoded.reaches(len(each.quote.rstrip()))
            if len(claim) <= MOST_CLAIM and reached:
                whole.append(number)
                rows.append(encoded.ids)
        for batch in batches_of([len(ids) for ids in rows]):
            with torch.inference_mode():
                logits = self._network.judge(padded([rows[at] for at in batch]))
            numbers = [whole[at] for at in batch]
            chances[numbers] = logits.softmax(-1).numpy()
        return chances

    def _ids(self, text: str) -> list[int]:
        encoded = self._tokenizer.encode(
            text[:MOST_CHARACTERS], add_special_tokens=False
        )
        return list(encoded.ids[:MOST_QUESTION])

    def _encode(self, asked: list[int], context: str, text: str) -> _Encoded:
        context = context[-MOST_CHARACTERS:]
        text = text[:MOST_CHARACTERS]
        parts: list[Encoding] = self._tokenizer.encode_batch(
            [f"{context}\n{text}"], add_special_tokens=False
        )
        whole = parts[0]
        shift = len(context) + 1
        offsets = np.asarray(whole.offsets, np.int64).reshape(-1, 2)
        # The first token of the passage: what reaches beyond the line break after the context.
        first = int(np.searchsorted(offsets[:, 1], shift, side="right"))
        # A context of 150 tokens loses its first 30.
        dropped = max(0, first - MOST_CONTEXT)
        end = dropped + MOST_TEXT
        ids = [START, *asked, STOP, STOP, *whole.ids[dropped:end], STOP]
        # Before context and passage stand <s>, the question, and two </s>.
        begins = len(asked) + 3 + first - dropped
        # A token that takes in the line break begins at -1: for the passage that is 0.
        kept = np.maximum(offsets[first:end] - shift, 0)
        return _Encoded(ids, begins, kept)

    def _run(self, batch: Sequence[_Encoded]) -> ReaderOutput:
        ids = padded([each.ids for each in batch])
        answerable = torch.zeros(ids.shape, dtype=torch.bool)
        for row, each in enumerate(batch):
            answerable[row, each.begins : each.begins + len(each.offsets)] = True
        with torch.inference_mode():
            return self._network(ids, answerable)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A text as ids; the tokens of its passage begin at ``begins`` and stand at ``offsets`` in it."""

    ids: list[int]
    begins: int
    offsets: Offsets

    def reaches(self, end: int) -> bool:
        """Whether the text was read up to ``end``."""
        return len(self.offsets) > 0 and int(self.offsets[-1, 1]) >= end


def _reading(encoded: _Encoded, output: ReaderOutput, row: int) -> PassageReading:
    tokens = slice(encoded.begins, encoded.begins + len(encoded.offsets))
    return PassageReading(
        log_odds=float(output.answers[row]),
        starts=output.starts[row, tokens].numpy(),
        ends=output.ends[row, tokens].numpy(),
        offsets=encoded.offsets,
    )


def _log_sum(logits: Floats) -> float:
    # The greatest taken out first: exp(800) would be infinite.
    greatest = float(logits.max())
    return greatest + float(np.log(np.exp(logits - greatest).sum()))


def load_support_threshold(folder: Path = READER) -> float:
    """From which probability a claim is called supported. Raises ModelUnavailable."""
    return float(str(read_json(folder / "support.json")["threshold"]))


def load_network(folder: Path = READER) -> ReaderNetwork:
    """The network in float32. Raises ModelUnavailable."""
    config = ReaderConfig(**known_options(read_json(folder / "config.json")))
    state = load_quantised(folder / "model.safetensors")
    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    network = ReaderNetwork(config)
    logging.set_verbosity(verbosity)
    missing, unknown = network.load_state_dict(
        {EMBEDDINGS: load_embeddings(), **state}, strict=False
    )
    unexpected = list(unknown)
    for name in missing:
        # The positions 0 to 511 are a buffer that only some versions of the library save.
        if "position_ids" not in name:
            unexpected.append(name)
    if unexpected:
        raise ValueError(
            f"the weights in {folder} do not fit the network: {unexpected[:3]}"
        )
    return network


def save_network(network: ReaderNetwork, folder: Path) -> None:
    """Write the weights without the shared embeddings, and the configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: tensor
        for name, tensor in network.state_dict().items()
        if name != EMBEDDINGS
    }
    save_quantised(state, folder / "model.safetensors")
    network.config.to_json_file(folder / "config.json")


def known_options(config: Mapping[str, object]) -> dict[str, Any]:
    """A configuration without what the library writes into it by itself."""
    return {
        key: value
        for key, value in config.items()
        if key not in ("model_type", "transformers_version")
    }
