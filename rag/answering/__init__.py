"""Query and Hits -> Answer: read, choose what to show, compare, cite; or refuse. One module a form of question.

reading.py         the protocol behind which readers are exchanged
cross_encoder.py   the trunk's reader over hits; rounds.py, how many of them it reads
stretches.py       which stretches of a passage it is read to answer with; quoting.py, what is quoted around them
deciding.py        which stretches answer, and the claims and citations made of them
likeness.py        copies, and sources that contradict each other
short_answers.py   the bare fact above an answer
yes_no.py          是 or 否, where the quote decides it
lists.py           all items of a list
parts.py           two things asked after at once, compared or each by itself
articles.py        an article by its number
keywords.py        what speaks of a term that is put alone
overview.py        what a document is about
citing.py          quotes and the two invariants; supporting.py, whether a quote bears out a claim worded by a model
refusals.py        which refusal; missing.py, what no document mentions; phrases.py, what Chuchu says itself
"""

from rag.answering.deciding import (
    Decision,
    Stretch,
    Thresholds,
    compose,
    decide,
    in_parts,
    one_claim_each,
    short_answer,
)

__all__ = [
    "Decision",
    "Stretch",
    "Thresholds",
    "compose",
    "decide",
    "in_parts",
    "one_claim_each",
    "short_answer",
]
