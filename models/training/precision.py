"""Training in a narrow format beside float32 masters: what the optimiser moves is exact, what computes is quick."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertModel

WORDS = "word_embeddings.weight"
"""Shared by all models on the trunk, so never written with one."""


class MixedPrecision:
    """A network whose ``trunk`` computes in ``dtype``, and its weights in float32, which the optimiser moves.

    Word embeddings stand still, and so do the ``frozen`` lowest layers.
    """

    def __init__(
        self,
        network: nn.Module,
        trunk: BertModel,
        rate: float,
        frozen: int = 0,
        dtype: torch.dtype = torch.bfloat16,
    ) -> None:
        trunk.embeddings.word_embeddings.weight.requires_grad_(False)
        if frozen:
            trunk.embeddings.requires_grad_(False)
        for layer in trunk.encoder.layer[:frozen]:
            layer.requires_grad_(False)
        # Masters are copied before the trunk is narrowed: a step of 1e-5 on a weight of 1 is lost
        # in bfloat16, whose next number is 1.0078.
        self._trained: dict[str, nn.Parameter] = {}
        self._masters: dict[str, Tensor] = {}
        for name, parameter in network.named_parameters():
            if parameter.requires_grad:
                self._trained[name] = parameter
                self._masters[name] = parameter.detach().clone().float()
        # What stands still is kept as it was: computing in bfloat16 rounds it.
        self._standing: dict[str, Tensor] = {}
        for name, parameter in trunk.named_parameters(prefix="trunk"):
            if not parameter.requires_grad and not name.endswith(WORDS):
                self._standing[name] = parameter.detach().clone()
        in_place: nn.Module = trunk
        in_place.to(dtype=dtype)
        # Gains and biases are not drawn to zero.
        matrices: list[Tensor] = []
        vectors: list[Tensor] = []
        for master in self._masters.values():
            group = matrices if master.ndim > 1 else vectors
            group.append(master)
        groups: list[dict[str, Any]] = [
            {"params": matrices, "weight_decay": 0.01},
            {"params": vectors, "weight_decay": 0.0},
        ]
        for master in self._masters.values():
            master.requires_grad_(True)
        self._optimiser = torch.optim.AdamW(
            groups, lr=rate, betas=(0.9, 0.98), fused=True
        )

    def step(self, rate: float) -> None:
        """Move the masters by the gradients of the network, and the network after them."""
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        for name, parameter in self._trained.items():
            gradient = parameter.grad
            self._masters[name].grad = None if gradient is None else gradient.float()
            parameter.grad = None
        nn.utils.clip_grad_norm_(list(self._masters.values()), 1.0)
        self._optimiser.step()
        with torch.no_grad():
            for name, parameter in self._trained.items():
                parameter.copy_(self._masters[name])

    def state(self) -> dict[str, Any]:
        return {
            "masters": dict(self._masters),
            "optimiser": self._optimiser.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        with torch.no_grad():
            for name, master in self._masters.items():
                master.copy_(state["masters"][name])
                self._trained[name].copy_(master)
        self._optimiser.load_state_dict(state["optimiser"])

    def weights(self) -> dict[str, Tensor]:
        """All weights but the word embeddings, in float32."""
        moved = {name: master.detach() for name, master in self._masters.items()}
        return self._standing | moved
