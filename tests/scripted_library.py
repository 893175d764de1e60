"""An examinee whose answers are written here, so that every figure of the eval can be redone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from eval.corpora import Text, source_of
from eval.facts import Fact
from rag.answering.citing import cite
from rag.errors import BrokenCitation
from rag.library import Ingested, Question
from rag.pages import recover
from rag.records import (
    Answer,
    Candidate,
    Citation,
    Claim,
    Document,
    Hit,
    Passage,
    Source,
    Trace,
)

TEXT = "全国保护中心达74家，其中浙江省7家。绍兴市开展建设。雪龙号19日穿越西风带。"
SENTENCES = [
    "全国保护中心达74家，其中浙江省7家。",
    "绍兴市开展建设。",
    "雪龙号19日穿越西风带。",
]


class Scripted:
    """Answers from a table of question -> what to do; takes sources in as a library does."""

    versions = {"chuchu": "test"}  # noqa: RUF012

    def __init__(
        self, script: dict[str, Callable[[Scripted], Answer]] | None = None
    ) -> None:
        self.script = script or {}
        self.sources: dict[str, Source] = {}
        self.documents_by_id: dict[int, Document] = {}
        self.asked: list[Question] = []

    def ingest_source(self, source: Source) -> Ingested:
        self.sources[source.sha256] = source
        read = tuple(
            replace(document, id=len(self.documents_by_id) + at)
            for at, document in enumerate(recover(source), 1)
        )
        self.documents_by_id |= {document.id: document for document in read}
        return Ingested(source, read, len(read), True)

    def document(self, document_id: int) -> Document:
        return self.documents_by_id[document_id]

    def source(self, sha256: str) -> Source:
        return self.sources[sha256]

    def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        return self.script[question.text](self)

    def search(self, question: Question) -> Sequence[Hit]:
        """Documents that hold the question, in the order they came, each by two passages."""
        found = [
            each for each in self.documents_by_id.values() if question.text in each.text
        ]
        return [hit for each in found for hit in (hit_of(each, 0.9), hit_of(each, 0.8))]

    def documents(self, after: int = 0, limit: int = 100) -> Sequence[Document]:
        return [
            document for id_, document in self.documents_by_id.items() if id_ > after
        ][:limit]

    def quote(self, sentence: str, marker: int = 1) -> Citation:
        document = self.documents_by_id[1]
        start = document.text.index(sentence)
        return cite(
            marker, document, passage_of(document), (start, start + len(sentence))
        )


def passage_of(document: Document) -> Passage:
    return Passage(document.id, document.id, 0, len(document.text), document.text)


def hit_of(document: Document, score: float) -> Hit:
    return Hit(passage_of(document), document, score)


def answer_of(
    status: str,
    short: str | None = None,
    claims: Sequence[Claim] = (),
    citations: Sequence[Citation] = (),
    trace: Trace = Trace(),  # noqa: B008 - frozen
) -> Answer:
    text = "".join(claim.text for claim in claims)
    return Answer(
        "1",
        "",
        status,
        text,
        short,
        tuple(claims),
        tuple(citations),
        (),
        (),
        {},
        {},
        trace,
    )  # type: ignore[arg-type]


def says(
    sentence: str, short: str | None = None, *, confidence: float = 1.0
) -> Callable[[Scripted], Answer]:
    return lambda library: answer_of(
        "answered",
        short,
        [Claim(sentence, (1,))],
        [library.quote(sentence)],
        weighed(library, sentence, confidence),
    )


def withholds(
    sentence: str, *, confidence: float = -1.0
) -> Callable[[Scripted], Answer]:
    """Thinks a sentence likeliest, and refuses."""
    return lambda library: answer_of(
        "insufficient", trace=weighed(library, sentence, confidence)
    )


def weighed(library: Scripted, sentence: str, confidence: float) -> Trace:
    quote = library.quote(sentence)
    candidate = Candidate(
        quote.document_id, quote.start, quote.end, sentence, confidence
    )
    return Trace((hit_of(library.document(quote.document_id), 1.0),), (candidate,))


def refuses(library: Scripted) -> Answer:
    return answer_of("insufficient")


def breaks(library: Scripted) -> Answer:
    raise BrokenCitation("citation 1")


def moved(library: Scripted) -> Answer:
    right = library.quote(SENTENCES[0])
    wrong = replace(right, start=right.start + 1, end=right.end + 1)
    return answer_of("answered", "74家", [Claim(SENTENCES[0], (1,))], [wrong])


def fact(
    question: str, *answers: str, kind: str = "fact", evidence: tuple[str, ...] = ()
) -> Fact:
    return Fact(question, question, answers, "zh", kind, evidence)


FACTS = [
    fact("几家？", "74家", "74", evidence=(SENTENCES[0],)),
    fact("哪个市？", "绍兴", evidence=(SENTENCES[1],)),
    fact("哪天？", "19日", evidence=(SENTENCES[2],)),
    fact("几度？", kind="none"),
    fact("多高？", kind="none"),
]
SCRIPT: dict[str, Callable[[Scripted], Answer]] = {
    "几家？": says(SENTENCES[0], "74家"),
    "哪个市？": says(SENTENCES[2], "19日"),
    "哪天？": refuses,
    "几度？": refuses,
    "多高？": says(SENTENCES[0], "74家"),
}


def scripted(script: dict[str, Callable[[Scripted], Answer]] | None = None) -> Scripted:
    """A scripted library that holds ``TEXT`` as its document 1."""
    library = Scripted(script)
    library.ingest_source(source_of("page.txt", [Text("page", "", TEXT)]))
    return library
