"""Does this quote support this claim? Figures exactly, the rest by a network on the trunk (``checker``)."""

from models.support.records import Checked, Part, Statement, Verdict

__all__ = ["Checked", "Part", "Statement", "Verdict"]
