"""What goes wrong with models; ``rag.errors`` gives them their place in its tree."""

from __future__ import annotations


class ModelError(Exception):
    """A model failed."""


class ModelUnavailable(ModelError):
    """A model cannot be loaded: no such folder, a wrong one, or no network."""
