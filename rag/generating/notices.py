"""What an asker must know of an answer that a language model worded, or was to word."""

from __future__ import annotations

from rag.generating.models import Failure
from rag.generating.writing import Written
from rag.records import Language

FAILURES: dict[Failure, dict[Language, str]] = {
    "unreachable": {
        "zh": "语言模型连接不上",
        "en": "The language model cannot be reached",
    },
    "slow": {"zh": "语言模型没有按时答完", "en": "The language model took too long"},
    "refused": {
        "zh": "语言模型的服务拒绝了请求（请检查密钥和模型名）",
        "en": "The language model's server refused the request (check its key and the model's name)",
    },
    "failed": {"zh": "语言模型出错了", "en": "The language model failed"},
    "broke off": {"zh": "语言模型中途断开", "en": "The language model broke off"},
    "unreadable": {
        "zh": "语言模型的回答无法核对",
        "en": "The language model wrote nothing that can be checked",
    },
}
_FALLEN_BACK: dict[Language, str] = {
    "zh": "{}，下面直接引用原文作答。",
    "en": "{}; this answer quotes the documents instead.",
}
_BROKEN_OFF: dict[Language, str] = {
    "zh": "{}，下面是此前写出并核对过的句子。",
    "en": "{}; these are the sentences that it had written and that were checked.",
}
_STRUCK: dict[Language, str] = {
    "zh": "语言模型写的另外 {} 句话没有原文支持，已删去。",
    "en": "{} more of the language model's sentences were left out: the documents do not bear them out.",
}


def notice_of(written: Written, language: Language) -> str | None:
    """What an asker must know of an answer that a language model worded, or was to word."""
    if written.failure is not None:
        frame = _BROKEN_OFF if written.claims else _FALLEN_BACK
        return frame[language].format(FAILURES[written.failure][language])
    return _STRUCK[language].format(written.struck) if written.struck else None
