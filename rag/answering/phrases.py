"""What Chuchu says in its own voice, in the question's language. Tests and code share these."""

from __future__ import annotations

from collections.abc import Sequence

from models.language.words import language as language_of
from rag.answering.courtesy import Courtesy
from rag.records import Citation, Claim, Language

Said = dict[Language, str]

NOTHING: Said = {
    "zh": "文献里没有找到与这个问题有关的内容。",
    "en": "The documents hold nothing on this question.",
}
DOES_NOT_SAY: Said = {
    "zh": "《{title}》谈到了相关内容，但文献里没有说明这一点。",
    "en": "“{title}” is about something close to this, but the documents don't say.",
}
UNSURE: Said = {
    "zh": "我不确定，答案可能在《{title}》的这几个字里：{words}",
    "en": "I am not sure; it may be here, in “{title}”: {words}",
}
NEAREST: Said = {
    "zh": "下面是最接近的段落，它们没有回答这个问题。",
    "en": "The closest passages follow; they do not answer the question.",
}
MISSING: Said = {
    "zh": "文献里没有提到{names}。",
    "en": "The documents do not mention {names}.",
}
EMPTY: Said = {
    "zh": "这里还没有文献，所以无从回答。请先添加：在网页上选择或拖入文件，"
    "或者运行 chuchu ingest 文件或文件夹。",
    "en": "There are no documents here yet, so nothing can be answered. Add some first: choose or drop files"
    " on the page, or run chuchu ingest FILE_OR_FOLDER.",
}
OTHER_LANGUAGE: dict[Language, Said] = {
    "zh": {
        "zh": "引文为中文原文。",
        "en": "The quote is in Chinese, as the document has it.",
    },
    "en": {
        "zh": "引文为英文原文。",
        "en": "The quote is in English, as the document has it.",
    },
}

ITEMS: Said = {"zh": "共 {count} 项。", "en": "{count} items."}

COURTESIES: dict[Courtesy, Said] = {
    "greeting": {
        "zh": "你好！我只根据这里的文献回答，每句话都注明出处；文献里没有说的，我会直说。",
        "en": "Hello! I answer from the documents here and show where each sentence stands; what they don't"
        " say, I say so.",
    },
    "thanks": {
        "zh": "不客气。还想查什么，直接问就好。",
        "en": "You are welcome. Ask whenever there is more.",
    },
    "farewell": {
        "zh": "再见，随时可以回来接着问。",
        "en": "Goodbye. Come back whenever you have a question.",
    },
    "abilities": {
        "zh": "我在这里的文献中查找答案，原文引用，并注明出自哪一份、哪几个字；文献里没有说的，我不编造。"
        "可以问事实、数字、时间、人物、原因、清单，也可以让我概括一份文献。",
        "en": "I look for answers in the documents here, quote them word for word and show where they stand;"
        " what they don't say I do not make up. Ask for facts, figures, dates, people, reasons or lists, or"
        " for what a document is about.",
    },
    "identity": {
        "zh": "我是“出处”（Chuchu），一个文献问答程序：答案都出自这里的文献，每句话都能核对原文。",
        "en": "I am Chuchu (出处, “where it comes from”), a program that answers from the documents here;"
        " every sentence can be checked against its source.",
    },
    "documents": {"zh": "", "en": ""},
}
# With documents, and how many: after the courtesy's own words.
HERE: Said = {
    "zh": "这里有 {count} 份文献，最近加入的有：{titles}。",
    "en": "{count} documents are here; the newest: {titles}.",
}
ONE_HERE: Said = {
    "zh": "这里有 1 份文献：{titles}。",
    "en": "One document is here: {titles}.",
}
EXAMPLES: Said = {"zh": "可以这样问：{questions}", "en": "You could ask: {questions}"}
BRIEF: frozenset[Courtesy] = frozenset({"thanks", "farewell"})
"""Who says these wants no list of documents."""


def answer_text(claims: Sequence[Claim]) -> str:
    """Claims joined, a line each, followed by their markers: ``全国达74家。[1][2]``."""
    lines: list[str] = []
    for claim in claims:
        markers = "".join(f"[{marker}]" for marker in claim.citations)
        lines.append(claim.text + markers)
    return "\n".join(lines)


def courteous(
    courtesy: Courtesy,
    language: Language,
    count: int,
    titles: Sequence[str],
    questions: Sequence[str],
) -> str:
    """What is said to a courtesy: who speaks, which documents are here, what one could ask.

    Args:
        count: documents that are here.
        titles: of the newest of them.
        questions: that they answer.
    """
    parts = [COURTESIES[courtesy][language]]
    if courtesy not in BRIEF:
        here = (ONE_HERE if count == 1 else HERE) if count else EMPTY
        parts.append(
            here[language].format(count=count, titles=listed(titles, language))
        )
        if questions:
            parts.append(EXAMPLES[language].format(questions=" ".join(questions)))
    return "\n".join(part for part in parts if part)


def listed(titles: Sequence[str], language: Language) -> str:
    """``《甲》、《乙》``, or ``“A”, “B”``."""
    if language == "zh":
        return "、".join(f"《{title.strip('《》')}》" for title in titles)
    return ", ".join(f"“{title}”" for title in titles)


def framed(items: int, citations: Sequence[Citation], language: Language) -> str | None:
    """What is said beside the quotes: how many items a list has, and which language they are in."""
    counted = ITEMS[language].format(count=items) if items else None
    said = [each for each in (counted, other_language(citations, language)) if each]
    return " ".join(said) or None


def other_language(citations: Sequence[Citation], language: Language) -> str | None:
    """That what is quoted is in another language than the question; None where it is not, or only in part."""
    quoted = {language_of(citation.quote) for citation in citations}
    if len(quoted) != 1 or language in quoted:
        return None
    return OTHER_LANGUAGE[quoted.pop()][language]
