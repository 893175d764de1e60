"""What is said to Chuchu and not asked of the documents: 你好, 谢谢, 你能做什么, which documents do you have.

    courtesy_of("你好！")                       "greeting"
    courtesy_of("你好，请问几点开门？")         None: a question, asked as 几点开门？
    without_greeting("你好，请问几点开门？")    几点开门？

A sentence is taken for courtesy only as a whole, so a question about a document called 你好 is still asked.
"""

from __future__ import annotations

import re
from typing import Literal

from models.language.words import fold

Courtesy = Literal[
    "greeting", "thanks", "farewell", "abilities", "identity", "documents"
]

_YOU = "(?:你们?|您)"
_HERE = "(?:你们?|您|这里|这儿|库里|知识库)"
_ALL = "(?:现在|目前|一共|总共|都)*"
_DOCUMENTS = "(?:文献|文档|文件)"
_MATTERS = "(?:什么|啥|哪些|什么问题|哪些问题)(?:事情?)?"
_WAYS: dict[Courtesy, tuple[str, ...]] = {
    "greeting": (
        r"(?:你|您|大家)们?好[啊呀吗]?|[哈嗨][喽啰罗]?|嗨+|早上好|下午好|晚上好|早安|在吗|有人吗",
        r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings)(?: there| chuchu)?",
        r"how are you(?: today)?",
    ),
    "thanks": (
        r"(?:太|非常|十分|多|好的?)?谢+(?:谢|你|您|啦|了)*|(?:非常|十分)?感谢(?:你|您)?|辛苦了",
        r"(?:ok |great |perfect )?(?:thanks?|thank you|thx|cheers)(?: you)?(?: so much| very much| a lot)?",
    ),
    "farewell": (
        r"再见|拜拜+|回头见|晚安",
        r"(?:good ?)?bye(?: bye)?|see you(?: later)?|good night",
    ),
    "abilities": (
        rf"{_YOU}?(?:都|到底)?(?:能|会|可以)(?:帮我)?(?:做|干|回答|解答)(?:些|点)?{_MATTERS}",
        rf"{_YOU}有(?:什么|哪些)(?:功能|用处|本事)",
        r"我(?:能|可以|该)?(?:怎么|如何)(?:用|使用|问|提问)(?:你|您)",
        rf"我?(?:能|可以)问(?:你|您)?{_MATTERS}|帮助|使用帮助",
        r"help(?: me)?|what (?:can|do) you do|what can i ask(?: you)?|how (?:do|can) i use you",
        r"how do(?:es)? (?:you|this) work|what are you (?:able to do|for)",
    ),
    "identity": (
        rf"{_YOU}是(?:谁|什么|啥|机器人|人工智能|ai)吗?|{_YOU}叫什么(?:名字)?|请?介绍一下(?:你|您)自己",
        r"(?:who|what) are you|what(?:'s| is) your name|are you (?:a )?(?:robot|bot|human|ai)",
    ),
    "documents": (
        rf"{_HERE}?{_ALL}(?:收录了?|存了?|保存了?|有)(?:多少|几|哪些|什么|啥)[个份篇]?{_DOCUMENTS}",
        rf"{_HERE}{_ALL}有(?:多少|几|哪些|什么)[个份篇]?(?:资料|材料)",
        rf"(?:列出|看看|显示)(?:所有|全部)?的?{_DOCUMENTS}(?:列表|清单)?|{_DOCUMENTS}(?:列表|清单|目录)",
        rf"有{_DOCUMENTS}吗",
        r"(?:what|which) (?:documents|files) (?:do you have|are (?:there|here|in here))",
        r"how many (?:documents|files) (?:do you have|are (?:there|here|in here))",
        r"(?:list|show)(?: me)?(?: all)?(?: the| your)? (?:documents|files)",
    ),
}
_KINDS = {kind: re.compile("|".join(ways)) for kind, ways in _WAYS.items()}
_OPENING = re.compile(
    r"^\s*(?:(?:你|您|大家)们?好[啊呀]?|hi|hello|hey|嗨|good (?:morning|afternoon|evening))(?: there)?"
    r"[\s,，。.!！~～、]+"
    r"(?:请问(?:一下)?[,，：:\s]*|please tell me[,:\s]*)?",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^(?:请问|麻烦|我想(?:知道|问一下|问)|请|please |can you tell me |tell me )+"
)
_PARTICLES = "啊呀呢吧哦哈啦的"
_NOT_WORDS = re.compile(r"[^\w\s']+")


def courtesy_of(text: str) -> Courtesy | None:
    """Which courtesy a text is, taken as a whole; None for what is asked of the documents."""
    said = _plain(text)
    for kind, pattern in _KINDS.items():
        if pattern.fullmatch(said) or pattern.fullmatch(said.rstrip(_PARTICLES)):
            return kind
    rest = without_greeting(text)
    return courtesy_of(rest) if rest != text else None


def _plain(text: str) -> str:
    """Folded, without marks and without 请问 before it."""
    words = _NOT_WORDS.sub(" ", fold(text)).split()
    return _POLITE.sub("", " ".join(words)).strip()


def without_greeting(text: str) -> str:
    """The question after a greeting; the text as it is when it is nothing but one."""
    rest = _OPENING.sub("", text, count=1).strip()
    return rest if _plain(rest) else text
