"""How well passages answer a question: a small network over soft matches of words, fifty at a time."""

from models.reranker.network import Reranker
from models.reranker.words import Found

__all__ = ["Found", "Reranker"]
