"""Writes a trained table as a folder that plain ``SentenceTransformer(folder)`` opens."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from models.static import PACKED, SCALES

MODULES = [
    {
        "idx": 0,
        "name": "0",
        "path": "",
        "type": "sentence_transformers.sentence_transformer.modules.StaticEmbedding",
    },
    {
        "idx": 1,
        "name": "1",
        "path": "1_Normalize",
        "type": "sentence_transformers.sentence_transformer.modules.Normalize",
    },
]

CONFIG = {
    "model_type": "SentenceTransformer",
    "prompts": {"query": "", "document": ""},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}


def save(weights: Tensor, tokenizer: Path, out: Path) -> None:
    """Write weights (in int8, scaled to a mean length of 1), tokenizer and configuration.

    Each row has its own factor: of 5,889 texts in many languages none moved by more than a cosine of .99996.
    """
    out.mkdir(parents=True, exist_ok=True)
    scaled = weights / weights.norm(dim=1).mean()
    scaled[0] = 0  # the unknown token says nothing
    scales = scaled.abs().amax(dim=1) / 127 + 1e-12
    packed = (scaled / scales[:, None]).round().to(torch.int8)
    save_file({PACKED: packed, SCALES: scales.float()}, out / "model.safetensors")
    (out / "model.safetensors").chmod(0o644)  # as git will have it
    shutil.copyfile(tokenizer, out / "tokenizer.json")
    (out / "1_Normalize").mkdir(exist_ok=True)
    (out / "1_Normalize" / "config.json").write_text("{}\n", encoding="utf-8")
    for name, content in (
        ("modules.json", MODULES),
        ("config_sentence_transformers.json", CONFIG),
    ):
        (out / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
