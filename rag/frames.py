"""What Chuchu says in its own voice, in the question's language. Tests and code share these."""

from __future__ import annotations

from rag.records import Claim, Language, Status

REFUSALS: dict[Status, dict[Language, str]] = {
    "not_found": {
        "zh": "文献里没有找到与这个问题有关的内容。",
        "en": "The documents hold nothing on this question.",
    },
    "insufficient": {
        "zh": "文献里没有说明这一点。下面是最接近的段落，但它们没有回答这个问题。",
        "en": "The documents don't say. The closest passages follow, but they do not answer the question.",
    },
}


def answer_text(status: Status, claims: tuple[Claim, ...], language: Language) -> str:
    """Claims joined, each followed by its markers; a refusal in the question's language."""
    if status in REFUSALS:
        return REFUSALS[status][language]
    marked = (claim.text + "".join(f"[{marker}]" for marker in claim.citations) for claim in claims)
    return "\n".join(marked)
