"""The data folder: who holds it, what it must be, whose it is, which files are its own, and room on its disk."""
