# ruff: noqa: E501
"""Units of measure as ``(dimension, factor)``: amounts are compared where the dimension is one, in its base.

Counts have a class for a dimension (``count:person``); ``count:`` alone goes with every class (个, or an
English noun that is in no table). Bare numbers have the empty dimension.
"""

from __future__ import annotations

import re

Unit = tuple[str, float]

COUNT = "count:"
_ZH = {
    "money:cny": "元:1 块:1 块钱:1 人民币:1 元人民币:1 角:0.1 毛:0.1 分钱:0.01",
    "money:usd": "美元:1 美金:1 美分:0.01",
    "money:eur": "欧元:1",
    "money:jpy": "日元:1",
    "money:gbp": "英镑:1",
    "money:hkd": "港元:1 港币:1",
    "length": "米:1 公尺:1 公里:1000 千米:1000 里:500 英里:1609.344 海里:1852 厘米:0.01 毫米:0.001 微米:1e-6 纳米:1e-9 英尺:0.3048 英寸:0.0254",
    "area": "平方米:1 平米:1 平方公里:1e6 平方千米:1e6 公顷:1e4 亩:666.6667 平方英里:2589988",
    "volume": "立方米:1000 方:1000 升:1 毫升:0.001",
    "mass": "克:0.001 千克:1 公斤:1 斤:0.5 吨:1000 毫克:1e-6 微克:1e-9",
    "time": "秒:1 秒钟:1 分钟:60 小时:3600 个小时:3600 个多小时:3600 天:86400 周:604800 星期:604800 个星期:604800 个月:2629800 自然日:86400 个自然日:86400 年:31557600 周年:31557600 世纪:3155760000",
    "time:working": "个工作日:1 工作日:1",
    "power": "瓦:1 千瓦:1000 兆瓦:1e6 吉瓦:1e9",
    "energy": "千瓦时:1 度电:1 度:1 兆瓦时:1000",
    "temperature": "℃:1 摄氏度:1",
    "data": "字节:1 比特:0.125 gb:1e9 mb:1e6 tb:1e12",
    "share": "%:0.01 ‰:0.001 成:0.1",
    "point": "个百分点:1 百分点:1",
    "times": "倍:1",
    "age": "岁:1",
    "score": "分:1",
    "count:": "个",
    "count:person": "人 名 位 口",
    "count:visit": "人次",
    "count:house": "家 所 间",
    "count:building": "座 栋 幢",
    "count:machine": "辆 台",
    "count:craft": "架 艘",
    "count:book": "册 本",
    "count:matter": "件 项 宗 起 例 条",
    "count:kind": "种 类 款",
    "count:time": "次 回 趟",
    "count:event": "场 届",
    "count:household": "户",
    "count:animal": "只 头 匹",
    "count:paper": "张 份 幅 篇",
    "count:set": "套",
    "count:tree": "株 棵",
    "count:team": "支",
    "count:step": "步 级",
    "count:flight": "架次 班",
    "count:ship": "车次",
    "count:box": "箱 盒 包",
    "count:bottle": "瓶 杯",
    "count:pair": "对 双",
    "count:part": "部 集",
    "count:batch": "批",
    "count:country": "国",
    "count:province": "省",
    "count:city": "市",
    "count:county": "县",
    "count:village": "村",
    "count:round": "轮",
    "count:share": "股",
    "count:hole": "枚 颗 块 片",
}  # fmt: skip
_EN = {
    "money:cny": "yuan:1 rmb:1 renminbi:1",
    "money:usd": "dollar:1 usd:1 cent:0.01",
    "money:eur": "euro:1",
    "money:jpy": "yen:1",
    "money:gbp": "pound:1",
    "length": "meter:1 metre:1 m:1 kilometer:1000 kilometre:1000 km:1000 mile:1609.344 foot:0.3048 feet:0.3048 inch:0.0254 inche:0.0254 cm:0.01 centimeter:0.01 centimetre:0.01 mm:0.001 millimeter:0.001",
    "area": "square meter:1 square metre:1 square kilometer:1e6 square kilometre:1e6 hectare:1e4 acre:4046.856 square mile:2589988",
    "volume": "liter:1 litre:1 cubic meter:1000 cubic metre:1000",
    "mass": "gram:0.001 kilogram:1 kg:1 ton:1000 tonne:1000 metric ton:1000",
    "time": "second:1 minute:60 hour:3600 day:86400 week:604800 month:2629800 year:31557600 decade:315576000 century:3155760000 centurie:3155760000",
    "time:working": "working day:1 business day:1",
    "power": "watt:1 kilowatt:1000 kw:1000 megawatt:1e6 mw:1e6 gigawatt:1e9 gw:1e9",
    "energy": "kilowatt-hour:1 kwh:1",
    "temperature": "degree:1 degrees celsius:1",
    "share": "percent:0.01 per cent:0.01 %:0.01",
    "point": "percentage point:1",
    "times": "time:1 fold:1",
    "age": "year-old:1 years old:1 year old:1 years of age:1",
}  # fmt: skip


_NAMED = re.compile(r"(\S[^:]*):(\S+)")
"""``square meter:1``: a name may have spaces, its factor has none."""


def _units(table: dict[str, str]) -> dict[str, Unit]:
    """By name; classes of counts have no factors."""
    found: dict[str, Unit] = {}
    for dimension, names in table.items():
        if dimension.startswith(COUNT):
            found |= dict.fromkeys(names.split(), (dimension, 1.0))
            continue
        for name, factor in _NAMED.findall(names):
            found[name] = (dimension, float(factor))
    return found


def _with_plurals(units: dict[str, Unit]) -> dict[str, Unit]:
    """``mile`` and ``miles``; signs and abbreviations with a hyphen have none."""
    found = dict(units)
    for name, unit in units.items():
        if name.isalpha() or " " in name:
            found[f"{name}s"] = unit
    return found


CHINESE = _units(_ZH)
ENGLISH = _with_plurals(_units(_EN))
CURRENCY: dict[str, Unit] = {
    "$": ("money:usd", 1.0),
    "€": ("money:eur", 1.0),
    "£": ("money:gbp", 1.0),
    "¥": ("money:cny", 1.0),
}
NO_UNIT: Unit = ("", 1.0)
ANY_COUNT: Unit = (COUNT, 1.0)
NOT_AFTER_HAN_NUMBERS = frozenset({"分", "方", "级", "步", "部", "口", "回", "国", "省", "市", "县", "村", "块", "股", "包", "头", "片", "里", "起", "类"})  # fmt: skip
"""As units these follow digits only: 十分, 四方, 一步 and the like are words."""


def compatible(one: str, other: str) -> bool:
    """Whether amounts of these dimensions can be the same amount."""
    if one == other:
        return True
    if one in ("", COUNT):
        return not other or other.startswith(COUNT)
    if other in ("", COUNT):
        return one.startswith(COUNT)
    return False
