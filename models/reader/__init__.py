"""The reader: question and passages in, spans with log-odds out."""

from models.reader.reader import FOLDER, Pointers, ReaderModel

__all__ = ["FOLDER", "Pointers", "ReaderModel"]
