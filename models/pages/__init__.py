"""Reads the blocks of a flattened page as its articles: which block goes on after which, and how surely."""
