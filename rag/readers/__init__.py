"""One module a format: each turns the bytes of a file into a ``Reading``."""
