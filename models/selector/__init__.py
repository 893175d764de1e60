"""Which sentence answers a question, if any: word evidence, weighed by a small trained network."""

from models.selector.candidates import Candidate
from models.selector.network import Selection, Selector

__all__ = ["Candidate", "Selection", "Selector"]
