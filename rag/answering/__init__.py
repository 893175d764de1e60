"""Query and Hits -> Answer: choose what to show, compare, cite; or refuse. One module a form of question.

deciding.py        which stretches answer, and the claims and citations made of them
short_answers.py   the bare fact above an answer
yes_no.py          是 or 否, where the quote decides it
lists.py           all items of a list
parts.py           two things asked after at once, compared or each by itself
articles.py        an article by its number
keywords.py        what speaks of a term that is put alone
overview.py        what a document is about
"""

from rag.answering.deciding import (
    Decision,
    Stretch,
    Thresholds,
    compose,
    decide,
    in_parts,
    short_answer,
    whole,
)

__all__ = [
    "Decision",
    "Stretch",
    "Thresholds",
    "compose",
    "decide",
    "in_parts",
    "short_answer",
    "whole",
]
