"""The data folder: who holds it, what it must be, whose it is, and room on its disk."""
