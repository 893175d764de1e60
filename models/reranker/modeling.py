"""The reranker as a registered ``transformers`` model, to train it and to open it as others are opened.

    import models.reranker.modeling
    from sentence_transformers import CrossEncoder

    CrossEncoder("models/weights/chuchu-reranker").predict([("谁？", "他。")])

Its token vectors are the frozen table of the static encoder that ``config.encoder`` names, relative to the
model's own folder: they are read from there and are no second copy in its weights. From tokens alone it
scores what they say; ``evidence`` adds what words and retrieval say (``models.reranker.words``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.modeling_outputs import SequenceClassifierOutput

from models.reranker.tokens import CENTRES, EACH, WHOLE, WIDTH, WINDOW
from models.reranker.words import NAMES
from models.static import KEY


class RerankerConfig(PretrainedConfig):  # type: ignore[no-untyped-call]
    """``dimension``: leading columns of the encoder's table that are looked at."""

    model_type = "chuchu-reranker"

    def __init__(
        self,
        encoder: str = "../chuchu-static",
        dimension: int = 288,
        evidence: tuple[str, ...] = NAMES,
        direction_size: int = 12,
        token_sizes: tuple[int, int] = (32, 16),
        hidden_sizes: tuple[int, int] = (64, 32),
        dropout: float = 0.1,
        **kwargs: Any,
    ) -> None:
        self.encoder = encoder
        self.dimension = dimension
        self.evidence = list(evidence)
        self.direction_size = direction_size
        self.token_sizes = list(token_sizes)
        self.hidden_sizes = list(hidden_sizes)
        self.dropout = dropout
        kwargs.setdefault("num_labels", 1)
        super().__init__(**kwargs)


class Reranker(PreTrainedModel):  # type: ignore[no-untyped-call]
    """``(batch,)`` pairs to ``(batch, 1)`` logits."""

    config_class = RerankerConfig
    config: RerankerConfig
    base_model_prefix = "reranker"

    def __init__(self, config: RerankerConfig) -> None:
        super().__init__(config)
        token_first, token_second = config.token_sizes
        hidden_first, hidden_second = config.hidden_sizes
        whole = len(config.evidence) + WHOLE
        self.direction = nn.Linear(config.dimension, config.direction_size, bias=False)
        self.token_first = nn.Linear(EACH + config.direction_size, token_first)
        self.token_second = nn.Linear(token_first, token_second)
        self.first = nn.Linear(whole + 2 * token_second, hidden_first)
        self.second = nn.Linear(hidden_first, hidden_second)
        self.last = nn.Linear(hidden_second, 1)
        self.mean = nn.Parameter(torch.zeros(whole), requires_grad=False)
        self.std = nn.Parameter(torch.ones(whole), requires_grad=False)
        self.drop = nn.Dropout(config.dropout)
        self._vectors: Tensor | None = None
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            module.reset_parameters()

    @property
    def vectors(self) -> Tensor:
        """``(tokens, dimension)``: the encoder's, read when first asked for."""
        if self._vectors is None:
            folder = Path(str(self.config.name_or_path)) / self.config.encoder
            table = load_file(folder / "model.safetensors")[KEY].float()
            self._vectors = table[:, : self.config.dimension].to(self.device)
        return self._vectors

    def forward(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor | None = None,
        evidence: Tensor | None = None,
        **_: Any,
    ) -> SequenceClassifierOutput:
        """Score each pair.

        Args:
            input_ids: question, then passage, ``(batch, length)``; 0 is "unknown", and padding.
            token_type_ids: 0 in the question, 1 in the passage.
            evidence: ``(batch, len(config.evidence))``; none at hand unless given.
        """
        there = input_ids != 0
        if attention_mask is not None:
            there = there & attention_mask.bool()
        rows = self.vectors[input_ids]
        given = [None] * len(rows) if evidence is None else list(evidence)
        pairs = zip(rows, input_ids, there, token_type_ids, given, strict=True)
        scores = [
            self.score(*_compared(row, ids, seen & (kind == 0), seen & (kind == 1)), words)
            for row, ids, seen, kind, words in pairs
        ]
        return SequenceClassifierOutput(logits=torch.stack(scores))

    def score(self, each: Tensor, whole: Tensor, question: Tensor, evidence: Tensor | None) -> Tensor:
        """``(1,)``: one pair from what its tokens say."""
        words = evidence if evidence is not None else whole.new_zeros(len(self.config.evidence))
        there = each.new_ones(1, len(question))
        return self.weigh(each[None, None], torch.cat([words, whole])[None, None], question[None], there)[0]

    def weigh(self, each: Tensor, whole: Tensor, question: Tensor, there: Tensor) -> Tensor:
        """``(groups, passages)`` scores.

        Args:
            each: ``(groups, passages, m, EACH)``; whole: evidence and what the tokens say of the whole,
                ``(groups, passages, evidence + WHOLE)``.
            question: ``(groups, m, dimension)``; there: 1 where there is a token, ``(groups, m)``.
        """
        groups, passages, m = each.shape[:3]
        pooled = whole.new_zeros(groups, passages, 2 * self.token_second.out_features)
        if m:
            kind = self.direction(question)[:, None].expand(-1, passages, -1, -1)
            x = torch.cat([each, kind], dim=3)
            x = torch.relu(self.token_second(torch.relu(self.token_first(x)))) * there[:, None, :, None]
            share = each[..., -1:]
            pooled = torch.cat([(x * share).sum(dim=2), x.amax(dim=2)], dim=2)
        y = torch.cat([(whole - self.mean) / self.std, pooled], dim=2)
        y = torch.relu(self.first(self.drop(y)))
        return self.last(torch.relu(self.second(self.drop(y)))).squeeze(2)  # type: ignore[no-any-return]


def _compared(rows: Tensor, ids: Tensor, asked: Tensor, said: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What ``models.reranker.tokens.token_evidence`` computes, of one pair."""
    question, passage = rows[asked], rows[said]
    lengths = question.norm(dim=1)
    directions = question / lengths.clamp(min=1e-9)[:, None]
    weight = lengths / lengths.sum().clamp(min=1e-9)
    if not len(question) or not len(passage):
        return rows.new_zeros(len(question), EACH), rows.new_zeros(WHOLE), directions
    known_lengths = passage.norm(dim=1)
    cosines = directions @ (passage / known_lengths.clamp(min=1e-9)[:, None]).T
    same = (ids[asked][:, None] == ids[said][None, :]).to(rows.dtype)
    centres = cosines.new_tensor(CENTRES)
    graded = torch.exp(-((cosines[..., None] - centres) ** 2) / (2 * WIDTH**2)) * (1 - same[..., None])
    kernels = torch.cat([graded.sum(dim=1), same.sum(dim=1, keepdim=True)], dim=1)
    near = cosines.clamp(min=0)
    step = WINDOW // 2
    parts = [slice(start, start + WINDOW) for start in range(0, max(near.shape[1] - step, 1), step)]
    in_stretch = torch.stack([near[:, part].amax(dim=1) for part in parts])
    in_best = in_stretch[(in_stretch**2 @ weight).argmax()]
    nearest = near.amax(dim=1)
    each = torch.cat([torch.log1p(kernels), torch.stack([nearest, in_best, lengths, weight], dim=1)], dim=1)
    toward = (cosines * known_lengths).T @ lengths
    asked_length = question.sum(dim=0).norm().clamp(min=1e-9)
    whole = torch.stack(
        [
            toward.sum() / asked_length / passage.sum(dim=0).norm().clamp(min=1e-9),
            torch.stack([toward[part].clamp(min=0).sum() for part in parts]).max() / asked_length**2,
            nearest @ weight,
            in_best @ weight,
            (kernels[:, -1] > 0).to(rows.dtype) @ weight,
        ]
    )
    return each, whole, directions


AutoConfig.register(RerankerConfig.model_type, RerankerConfig)
AutoModelForSequenceClassification.register(RerankerConfig, Reranker)
