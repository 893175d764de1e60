# ruff: noqa: E501, SIM905
"""Words that turn what is said: denials, plans, possibilities, conditions; and pairs of opposites."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from models.language.words import has_han, words

Kind = Literal["denied", "planned", "possible", "if", "done"]


@dataclass(frozen=True, slots=True)
class Marker:
    """A word at ``[start, end)`` that turns what follows it."""

    kind: Kind
    start: int
    end: int


_DENIED_ZH = frozenset(
    "并非 绝非 而非 否认 拒绝 禁止 严禁 拒不 难以 不准 不许 不得 勿 别 非 缺乏 免于".split()
)
_NO_DENIAL = frozenset(
    """
    不仅 不但 不断 不同 不少 不过 不只 不管 不论 无论 不得不 不错 不久 不已 不止 不愧 不禁 不妨 不惜 不光 不单 不料
    不一 不时 不由 不满 不良 不足 不到 不少于 不超过 不低于 不高于 不安 不利 不便 不幸 不乏 不等 不仅仅 不断地 不仅如此
    未来 未必 未免 未成年 未成年人 未知 未婚 无人机 无线 无线电 无锡 无锡市 无疑 无数 无非 无限 无偿 无辜 无奈 无形 无障碍 无缝
    无私 无穷 无比 无人 无人驾驶 毫无疑问 没收 淹没 出没 沉没 没落 埋没 不锈钢 不动产 不法 不明 不规则 不可思议 不可或缺 不遗余力
    必不可少 源源不断 不约而同 前所未有 从未有过 无论如何 无线网络 无所不在 无微不至 无家可归 无烟 无纸化 无菌 无害化 无人区 不经意 不停 不停地 不限于 不限 不适 无垠 无边 无理 不住 无心 无故 无名 不朽 不懈 不对 不服 不和
    """.split()
)
_DENIES = re.compile(r"[不没未无]")
_PLANNED_ZH = frozenset(
    "拟 计划 预计 将 将要 即将 打算 准备 有望 力争 争取 预期 将于 将在 将会 拟于 计划于 预计将 望 预估 筹备 筹划 正筹备 意欲".split()
)
_POSSIBLE_ZH = frozenset("可能 或 或许 也许 疑似 恐 恐怕 或将 似乎 有可能 可能会 涉嫌 据称 传闻".split())
_IF_ZH = frozenset("如果 若 假如 一旦 倘若 要是 假设".split())
_DONE_ZH = frozenset("已 已经 早已 已于 业已 已然".split())
_EN: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("denied", re.compile(r"\b(?:not(?! only)|never|no(?! (?:more|less|fewer) than)|none|without|neither|nor|cannot|can't|rather than|instead of|hardly|fail(?:s|ed)? to|refus(?:es|ed|e) to|den(?:ies|ied|y)|yet to|unable to|lacks?)\b|n['’]t\b")),
    ("planned", re.compile(r"\b(?:plan(?:s|ned)?(?: to)?|will|would|is to|are to|intends? to|aims? to|hopes? to|(?:is|are|was|were|be) (?:expected|scheduled|due|set|going|slated|likely) to|expects? to|due to open|[a-z]+['’]ll)\b")),
    ("possible", re.compile(r"\b(?:may(?! \d)|might|could|possibl[ey]|perhaps|maybe|allegedly|reportedly|suspected|appears? to|seems? to)\b")),
    ("if", re.compile(r"\b(?:if|unless|provided that)\b")),
    ("done", re.compile(r"\balready\b")),
)  # fmt: skip

LITTLE_MEANING = frozenset(
    """
    仍 还是 依然 仍然 均 皆 则 便 即 亦 且 更 最 很 非常 十分 较 比较 相当 曾 曾经 正 正在 等等 之间 以来 之后 之前 期间 方面 情况
    以及 因此 因而 因为 所以 由于 虽然 但是 不过 却 而且 此外 另外 同时 随后 其后 此前 日前 近日 近期 截至目前 有关 相关 一样 而言 来说
    并且 其 某 本 各 凡 所有 全部 整个 当中 时期 时间 之一 总共 合计 达到 达 为 共 共计 约为 左右 还 称 表示 介绍 说 指出 认为 称为 透露
    more most than that says said say told tells according also spoke speak speaks spoken stated noted added mostly exactly
    """.split()
)
"""Words that a claim may have and its quote may lack without saying anything else."""

_OPPOSITES = """
    增加/增长/上升/上涨/提高/提升/扩大/攀升/上调/增至/升至/涨/升/增/走高/增多/递增/回升 = 减少/下降/下跌/降低/缩小/下滑/下调/降至/跌至/跌/降/减/走低/锐减/递减/回落/减/缩短
    高于/超过/多于/大于 = 低于/不足/少于/小于
    支持/赞成/同意/批准 = 反对/拒绝/驳回/否决
    出口/出口额 = 进口/进口额
    买入/购买/收购/买 = 卖出/出售/抛售/卖
    成功/获胜/胜利 = 失败/落败/失利
    战胜/击败/打败/力克 = 负于/不敌/输给/惜败
    开放/开业/开馆/启用/开启 = 关闭/停业/闭馆/停用
    盈利 = 亏损
    顺差 = 逆差
    有助于/有利于/促进/推动 = 不利于/无助于/阻碍/妨碍
    最高/最大/最多 = 最低/最小/最少
    高 = 低
    男性/男/男子 = 女性/女/女子
    东部 = 西部
    南部 = 北部
    首次/首个/第一 = 末次/最后
    到达/抵达 = 离开/出发/启程
    国内 = 国外/海外/境外
    入境 = 出境
    加强/增强 = 削弱/减弱
    恢复/继续 = 中断/停止/暂停/终止
    有罪 = 无罪
    阳性 = 阴性
    乐观 = 悲观
    安全 = 危险
    合法 = 非法/违法
    延长/推迟/延期 = 提前
    加快 = 放缓/减缓
    上午 = 下午/晚上
    白天 = 夜间
    有效 = 无效
    收入 = 支出
    存款 = 贷款
    公开 = 秘密/保密
    允许 = 禁止
    increas/rise/grow/climb/jump/soar/gain/rais/expand = decreas/fall/drop/declin/reduc/shrink/plung/los/cut/decline
    higher = lower
    win/beat/defeat = lose/los
    support/approv/back/accept = oppos/reject/veto/refus
    open/reopen = clos/shut/close
    buy/acquir/purchas = sell
    import = export
    begin/start/continu = end/stop/halt/suspend
    most/highest/largest/biggest = least/lowest/smallest
    legal = illegal
    profit = loss
    first = last
    male/men/man/boy = female/women/woman/girl
    arriv = leav/depart
    north/northern = south/southern
    east/eastern = west/western
"""


def _pairs() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _OPPOSITES.strip().splitlines():
        one, other = (side.strip().split("/") for side in line.split("="))
        for left, right in ((one, other), (other, one)):
            for word in left:
                found.setdefault(word, set()).update(right)
    return {word: frozenset(others - {word}) for word, others in found.items()}


OPPOSITES = _pairs()
"""Word -> words that say the opposite; English ones as ``models.english.stem`` leaves them."""


def markers_of(text: str, folded: str) -> tuple[Marker, ...]:
    """Every marker of a text, in order."""
    if not has_han(text):
        return tuple(
            sorted(
                (Marker(kind, *m.span()) for kind, pattern in _EN for m in pattern.finditer(folded)),
                key=lambda marker: marker.start,
            )
        )
    found: list[Marker] = []
    for word in words(text):
        if word.kind != "han":
            continue
        if (kind := _kind(word.text)) is not None:
            found.append(Marker(kind, word.start, word.end))
        elif word.text not in _NO_DENIAL and len(word.text) <= 4 and (m := _DENIES.search(word.text)):
            found.append(Marker("denied", word.start + m.start(), word.start + m.end()))
    return tuple(found)


def _kind(word: str) -> Kind | None:
    if word in _DENIED_ZH:
        return "denied"
    if word in _PLANNED_ZH:
        return "planned"
    if word in _POSSIBLE_ZH:
        return "possible"
    if word in _IF_ZH:
        return "if"
    return "done" if word in _DONE_ZH else None
