"""Does this quote support this claim? Numbers, dates, names, units and denials exactly, the rest scored."""

from models.support.checker import Support
from models.support.records import Checked, Part, State, Verdict

__all__ = ["Checked", "Part", "State", "Support", "Verdict"]
