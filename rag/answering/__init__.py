"""Query and Hits -> Answer: choose what to show, compare, cite; or refuse. One module a form of question.

deciding.py        which stretches answer, and the claims and citations made of them
short_answers.py   the bare fact above an answer
lists.py           all items of a list
overview.py        what a document is about
"""

from rag.answering.deciding import Decision, Stretch, Thresholds, compose, decide, short_answer, whole

__all__ = ["Decision", "Stretch", "Thresholds", "compose", "decide", "short_answer", "whole"]
