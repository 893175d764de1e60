"""Public benchmarks, read from a folder that the user has and made into what ``chuchu eval`` measures.

Nothing is downloaded and nothing of a benchmark is kept here. ``table.py`` has the adapters, a row each;
``sets.py`` is what they make.
"""
