"""The reader's network, a registered ``transformers`` question-answering model.

Frozen word vectors and evidence of matching go in; bidirectional LSTMs read question and passage, the
passage attends to the question on two levels and then to itself (Huang et al., FusionNet, 2018; Wang et al.,
R-Net, 2017), and a pointer names where the answer starts and, given that, where it ends. Beside the places
of the passage stands one more for "not here".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForQuestionAnswering, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import QuestionAnsweringModelOutput

from models.language.questions import ASKED
from models.reader.units import FIRST_CHARACTER, MATCHES, PLAIN, TAGS

NEVER = -1e4


class ReaderConfig(PretrainedConfig):  # type: ignore[no-untyped-call]
    """``vector_size``: of the frozen vectors that come in; ``hidden_size``: of each LSTM direction."""

    model_type = "chuchu-reader"

    def __init__(
        self,
        vocab_size: int = FIRST_CHARACTER,
        vector_size: int = 480,
        projected_size: int = 128,
        character_size: int = 64,
        tag_size: int = 12,
        hidden_size: int = 128,
        attention_size: int = 128,
        dropout: float = 0.3,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.vector_size = vector_size
        self.projected_size = projected_size
        self.character_size = character_size
        self.tag_size = tag_size
        self.hidden_size = hidden_size
        self.attention_size = attention_size
        self.dropout = dropout


@dataclass
class Side:
    """Questions or passages of a batch, padded. ``(batch, n)`` rows, and ``(batch, n, columns)`` numbers."""

    characters: Tensor
    tags: Tensor
    vectors: Tensor
    plain: Tensor
    mask: Tensor


class ChuchuReader(PreTrainedModel):  # type: ignore[no-untyped-call]
    """See the module. ``forward`` gives logits over ``n + 1`` places, the last one "not here"."""

    config_class = ReaderConfig
    base_model_prefix = "reader"

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__(config)
        h, a = config.hidden_size, config.attention_size
        known = config.projected_size + config.character_size
        self.characters = nn.Embedding(config.vocab_size, config.character_size, padding_idx=0)
        self.tags = nn.Embedding(len(TAGS), config.tag_size)
        self.asked = nn.Embedding(len(ASKED), 32)
        self.project = nn.Linear(config.vector_size, config.projected_size)
        self.align = nn.Linear(known, a)
        self.low = BothWays(known * 2 + config.tag_size + PLAIN + MATCHES, h)
        self.high = BothWays(2 * h, h)
        self.meet_low = Attention(known + 4 * h, a)
        self.meet_high = Attention(known + 4 * h, a)
        self.join = nn.Linear(8 * h, 2 * h)
        self.fused = BothWays(2 * h, h)
        self.self_attention = Attention(known + 4 * h, a)
        self.reread = nn.Linear(4 * h, 2 * h)
        self.last = BothWays(2 * h, h)
        self.summary = nn.Linear(2 * h, 1)
        self.asking = nn.Linear(2 * h + 32, 2 * h)
        self.start = nn.Linear(2 * h, 2 * h)
        self.update = nn.GRUCell(2 * h, 2 * h)
        self.end = nn.Linear(2 * h, 2 * h)
        self.nowhere = nn.Sequential(nn.Linear(6 * h, h), nn.ReLU(), nn.Linear(h, 2))
        self.drop = Dropout(config.dropout)
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        """Modules keep their own initialisation."""

    def forward(
        self,
        question: Side,
        passage: Side,
        question_matches: Tensor,
        passage_matches: Tensor,
        asked: Tensor,
        start_positions: Tensor | None = None,
        end_positions: Tensor | None = None,
    ) -> QuestionAnsweringModelOutput:
        """Logits ``(batch, n + 1)`` of start and end, and with positions given (``n`` for none) the loss."""
        q_known, p_known = self._known(question), self._known(passage)
        q_turned, p_turned = turning(question.mask), turning(passage.mask)
        scores = torch.relu(self.align(p_known)) @ torch.relu(self.align(q_known)).transpose(1, 2)
        q_aligned = _attend(scores.transpose(1, 2), passage.mask, p_known)
        p_aligned = _attend(scores, question.mask, q_known)
        q_low = self.low(self.drop(self._entry(question, q_known, question_matches, q_aligned)), q_turned)
        p_low = self.low(self.drop(self._entry(passage, p_known, passage_matches, p_aligned)), p_turned)
        q_high = self.high(self.drop(q_low), q_turned)
        p_high = self.high(self.drop(p_low), p_turned)
        q_all = self.drop(torch.cat([q_known, q_low, q_high], 2))
        p_all = self.drop(torch.cat([p_known, p_low, p_high], 2))
        met_low = self.meet_low(p_all, q_all, question.mask, q_low)
        met_high = self.meet_high(p_all, q_all, question.mask, q_high)
        joined = torch.relu(self.join(torch.cat([p_low, p_high, met_low, met_high], 2)))
        p_fused = self.fused(self.drop(joined), p_turned)
        p_all = self.drop(torch.cat([p_known, met_high, p_fused], 2))
        around = self.self_attention(p_all, p_all, passage.mask, p_fused)
        again = torch.relu(self.reread(torch.cat([p_fused, around], 2)))
        p_last = self.drop(self.last(self.drop(again), p_turned))
        asks = _pool(self.summary(q_high).squeeze(2), question.mask, q_high)
        asks = torch.tanh(self.asking(torch.cat([asks, self.asked(asked)], 1)))
        asks = self.drop(asks.unsqueeze(1)).squeeze(1)
        start = _places(p_last, self.start(asks), passage.mask)
        begun = _pool(start, passage.mask, p_last)
        end = _places(p_last, self.end(self.update(begun, asks)), passage.mask)
        best = p_last.masked_fill(~passage.mask.unsqueeze(2), -1.0).max(1).values
        nowhere = self.nowhere(torch.cat([asks, begun, best], 1)).float()
        start = torch.cat([start, nowhere[:, :1]], 1)
        end = torch.cat([end, nowhere[:, 1:]], 1)
        loss = None
        if start_positions is not None and end_positions is not None:
            loss = (
                nn.functional.cross_entropy(start, start_positions)
                + nn.functional.cross_entropy(end, end_positions)
            ) / 2
        return QuestionAnsweringModelOutput(loss=loss, start_logits=start, end_logits=end)

    def _known(self, side: Side) -> Tensor:
        projected = torch.tanh(self.project(side.vectors))
        known: Tensor = self.drop(torch.cat([projected, self.characters(side.characters)], 2))
        return known

    def _entry(self, side: Side, known: Tensor, matches: Tensor, aligned: Tensor) -> Tensor:
        return torch.cat([known, aligned, self.tags(side.tags), side.plain, matches], 2)


class Attention(nn.Module):
    """Symmetric attention with a diagonal between: relu(Ux) D relu(Uy)."""

    def __init__(self, size: int, attention_size: int) -> None:
        super().__init__()
        self.project = nn.Linear(size, attention_size, bias=False)
        self.diagonal = nn.Parameter(torch.full((attention_size,), attention_size**-0.5))

    def forward(self, these: Tensor, those: Tensor, mask: Tensor, values: Tensor) -> Tensor:
        left = torch.relu(self.project(these)) * self.diagonal
        scores = left @ torch.relu(self.project(those)).transpose(1, 2)
        if these is those:
            scores = scores.masked_fill(torch.eye(scores.shape[1], dtype=torch.bool), NEVER)
        return _attend(scores, mask, values)


class Dropout(nn.Module):
    """The same columns are dropped at each place of a sequence (Gal and Ghahramani, 2016)."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.p:
            return x
        keep = torch.empty(x.shape[0], 1, x.shape[2], dtype=x.dtype).bernoulli_(1 - self.p)
        return x * (keep / (1 - self.p))


class BothWays(nn.Module):
    """A bidirectional LSTM that reads each row backwards from its own end.

    So padding comes last both ways, and what is said of a row does not hang on the rows beside it.
    """

    def __init__(self, size: int, hidden: int) -> None:
        super().__init__()
        self.forwards = nn.LSTM(size, hidden, batch_first=True)
        self.backwards = nn.LSTM(size, hidden, batch_first=True)

    def forward(self, x: Tensor, turned: Tensor) -> Tensor:
        """``x``: ``(batch, n, size)``; ``turned``: :func:`turning` of its mask. ``(batch, n, 2 * hidden)``"""
        there = self.forwards(x)[0]
        back = self.backwards(_take(x, turned))[0]
        return torch.cat([there, _take(back, turned)], 2)


def turning(mask: Tensor) -> Tensor:
    """``(batch, n)``: where each place goes when the row is turned round; padding stays."""
    places = torch.arange(mask.shape[1]).expand_as(mask)
    return torch.where(mask, mask.sum(1, keepdim=True) - 1 - places, places)


def _take(x: Tensor, places: Tensor) -> Tensor:
    return x.gather(1, places.unsqueeze(2).expand(-1, -1, x.shape[2]))


def _attend(scores: Tensor, mask: Tensor, values: Tensor) -> Tensor:
    weights = torch.softmax(scores.float().masked_fill(~mask.unsqueeze(1), NEVER), 2)
    return weights.to(values.dtype) @ values


def _pool(scores: Tensor, mask: Tensor, values: Tensor) -> Tensor:
    weights = torch.softmax(scores.float().masked_fill(~mask, NEVER), 1).to(values.dtype)
    return (weights.unsqueeze(1) @ values).squeeze(1)


def _places(states: Tensor, wanted: Tensor, mask: Tensor) -> Tensor:
    scores = (states @ wanted.unsqueeze(2)).squeeze(2).float()
    return scores.masked_fill(~mask, NEVER)


AutoConfig.register("chuchu-reader", ReaderConfig)
AutoModelForQuestionAnswering.register(ReaderConfig, ChuchuReader)
