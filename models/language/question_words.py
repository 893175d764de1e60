"""The tables by which a question is read: question words, units, and words that carry no meaning of their own."""

from __future__ import annotations

import re
from typing import Literal

Asked = Literal[
    "number", "date", "duration", "person", "place", "organisation", "name",
    "reason", "manner", "list", "definition", "yes_no", "other",
]  # fmt: skip
ASKED: tuple[Asked, ...] = (
    "number", "date", "duration", "person", "place", "organisation", "name",
    "reason", "manner", "list", "definition", "yes_no", "other",
)  # fmt: skip
BARE_FACTS: frozenset[Asked] = frozenset(
    {"number", "date", "duration", "person", "place", "organisation", "name"}
)
"""What can be answered by a bare fact."""

_PLACE = "省份?|城市|市|县|区|国家?|地方|地区|村|镇|乡|州|岛|洲|河|湖|江|山|水库|港口?|机场|车站|大洋|海"
_ORGANISATION = "公司|机构|部门|单位|企业|组织|大学|学校|学院|集团|党|队|球队|媒体|报社?|银行|医院|协会|法院|院校|通讯社|委员会|部委|局|厂商|家"
_ZH: tuple[tuple[Asked, str], ...] = (
    ("reason", r"为什么|为何|为啥|何以|缘何|干嘛|咋会|怎么会|(?:什么|啥|何种?)(?:原因|缘故|理由)|原因(?:是|有|在于|呢|何在|[?？]?$)|因为什么|因何|凭什么"),
    ("duration", r"多久|多长时间|多少(?:个)?(?:小时|分钟|天|年|个?月|周)(?:时间)?|几(?:个)?(?:小时|分钟|天|年(?!代)|个月|周(?!年))|多少时间|时长"),
    ("date", r"什么时候|啥时候?|何时|哪一?[年天日月]|几[月号日]|几点|何年|何月|何日|哪个?(?:月份?|时间|日期|年份|年代|季度)|什么(?:时间|日期|日子|年代|年份)|(?:时间|日期)(?:是|为)?(?:多少|什么|何时|[?？]?$)|几几年|多会儿"),
    ("list", r"哪些|哪几|(?:分别|各)(?:是|为|有)?(?:谁|什么|哪)|有(?:什么|啥)|包括(?:什么|啥)|(?:列举|列出)|都(?:有|是|包括|做)(?:谁|哪|什么|啥)"),
    ("number", r"多少|几(?!乎|年来|十年来)|多[大高长远重深宽快厚]|百分之几|(?:占比|比例|比重|数量|人数|总数|总量|面积|长度|高度)(?:是|为|有|达)?(?:[?？]|$|呢)"),
    ("person", r"谁|哪一?(?:位|人|名)|何人|什么人|哪个人|(?:人|长|员|家|师|者|授|裁|记|官|演|手)(?:的)?(?:叫|是)(?:什么|啥)(?:名字?)?[?？]?$|姓名|叫(?:什么|啥)名字?[?？]?$"),
    ("place", rf"哪里|哪儿|何处|何地|在哪(?!一?[个家种款部年天月日])|哪一?[个座条处]?(?:{_PLACE})|什么(?:地方|城市|国家|省份|地点|位置)|(?:地点|位置|地址)(?:是|在)|哪[?？]?$"),
    ("organisation", rf"哪一?[个家所支](?:\w{{0,4}}?)(?:{_ORGANISATION})|什么(?:公司|机构|部门|单位|企业|组织|大学|学校|银行)"),
    ("manner", r"怎么|怎样|如何|咋|何种方式|什么(?:方式|方法|办法|手段|途径|措施|举措)|靠什么|通过什么|怎么样"),
    ("definition", r"什么是|是什么意思|指(?:的是)?什么|什么叫|何谓|是(?:一[种个])?(?:什么|啥)样的|(?:意思|含义|定义)是"),
    ("name", r"叫(?:什么|啥|做什么)|名称|(?:什么|啥|何)名|名字|哪(?:一?[个种款部本艘条套项类届届])|哪|(?:代号|型号)"),
    ("yes_no", r"吗|是否|是不是|有没有|能不能|可不可以|会不会|对不对|(?<![什怎那这])么[?？]?$|有无"),
    ("other", r"什么|啥|何"),
)  # fmt: skip
_EN: tuple[tuple[Asked, str], ...] = (
    ("reason", r"\bwhy\b|\bwhat (?:is|was|are|were) the (?:reasons?|cause)|\bfor what reason|\bwhat (?:makes|made|caused|causes)\b|\bhow come\b"),
    ("duration", r"\bhow long\b|\bhow many (?:hours|minutes|days|weeks|months|years)\b"),
    ("number", r"\bhow (?:many|much|high|tall|deep|far|big|large|old|often|strong|wide|fast)\b|\bwhat (?:is|was|are|were) the (?:\w+ ){0,3}(?:number|amount|total|percentage|share|population|height|depth|level|size|capacity|volume|value|figure|price|cost)\b|\bwhat (?:number|percentage|percent|proportion|amount|latitudes?)\b|\bnumber of\b"),
    ("date", r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:year|day|date|month|time|decade|century)\b|\bsince when\b"),
    ("person", r"\bwho\b|\bwhom\b|\bwhose\b|\b(?:what|which) (?:person|man|woman|official|reporter|journalist|professor|expert)\b|\b(?:what is|what's|what was) the name of the (?:\w+ ){0,3}(?:director|manager|president|reporter|head|chief|person|man|woman|professor|spokesperson|journalist|secretary|minister|photographer)\b|\bname of the (?:reporter|director|manager|spokesperson|professor)\b"),
    ("list", r"\bwhat are\b|\bwhich (?:\w+ )?(?:\w+s) (?:are|were|have|do)\b|\blist\b|\bname (?:the|two|three|all|some)\b|\bwhat (?:\w+ )?(?:kinds|types|sorts|items|matters|measures|services|industries|activities)\b"),
    ("place", r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:city|cities|country|province|place|town|village|region|state|county|location|river|lake|reservoir)\b"),
    ("organisation", r"\b(?:what|which) (?:\w+ )?(?:company|organi[sz]ation|agency|department|ministry|university|team|institution|body|bank|group|party|news agency|firm)\b"),
    ("manner", r"\bhow\b|\b(?:in what way|by what means)\b"),
    ("name", r"\bwhat (?:is|was|are) .*\b(?:called|named|name)\b|\bname of\b|\bwhich\b"),
    ("definition", r"\bwhat (?:is|was) (?:a|an)\b|\bwhat does .* mean\b|\bdefine\b"),
    ("yes_no", r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b"),
    ("other", r"\bwhat\b"),
)  # fmt: skip
QUESTION_WORDS = {
    "zh": [(asked, re.compile(pattern)) for asked, pattern in _ZH],
    "en": [(asked, re.compile(pattern)) for asked, pattern in _EN],
}

UNIT = re.compile(
    r"(?:多少|几)(?:多)?((?:亿|万|千|百)?(?:立方米|平方公里|平方米|千瓦时?|公里|小时|分钟|美元|人次|个月|[\u4e00-\u9fff]))"
)
STOP_ZH = frozenset(
    """
    的 了 是 在 有 和 与 及 或 被 把 对 从 向 到 于 为 以 其 这 那 该 此 也 都 就 还 又 才 已
    已经 将 要 会 能 可以 可 吗 呢 吧 啊 呀 么 嘛 请问 请 问 一下 一个 一些 个 位 种 些 什么 啥 谁
    哪 哪些 哪里 哪儿 哪个 哪家 哪位 哪年 哪几 哪一 哪一年 几 多少 多 怎么 怎样 怎么样 如何 为什么 为何
    为啥 何时 何 何处 何地 时候 什么样 什么时候 多久 多大 多高 多长 多远 叫 叫做 做 用 由 让 给 使 来 去
    上 下 里 中 里面 之 所 地 得 着 过 它 他 她 它们 他们 我们 我 你 您 自己 并 而 但 如果 那么 关于
    根据 据 按照 分别 一共 总共 共 共有 大约 大概 约 左右 目前 现在 截至 截止 如今 当前 具体 主要 究竟
    到底 进行 通过 属于 这次 本次 这个 那个 这些 那些 是不是 是否 有没有 说 名字 名称 姓名 哪天 几个 几家
    几种 多少个 知道 告诉 想 能够 需要 一 号 时 后 前 内 达 达到 其中 每 各 次 第 等
    """.split()
)
STOP_EN = frozenset(
    """
    a an the of in on at to for from by with and or as is are was were be been being do does did has have
    had can could will would should may might must what which who whom whose when where why how many much
    long this that these those it its they their them there here he she his her you your i we our us not
    no s t about into over under than then so such if any some all both each according page article
    document say said please tell me name called does currently now number amount total per
    """.split()
)
