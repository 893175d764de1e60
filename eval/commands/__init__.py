"""The commands of ``chuchu eval``, a module each; ``eval.cli`` has them by name."""
