"""Numbers as Word prints them before a paragraph: ``第三条``, ``（一）``, ``iv)``, ``①``.

    numeral(13, "chineseCounting")   # "十三"

The names are those of ``w:numFmt`` (ECMA-376, ST_NumberFormat).
"""

from __future__ import annotations

from collections.abc import Callable

_DIGITS = "〇一二三四五六七八九"
_FORMAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
    (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_ENGLISH = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_MOST = 9999
"""Chinese and Roman numerals are written up to here; beyond stand figures."""


def numeral(number: int, form: str) -> str:
    """The number in a form of ``w:numFmt``; in figures where the form is not known or has no such number."""
    write = _FORMS.get(form)
    return str(number) if write is None or not 0 < number <= _MOST else write(number)


def _letters(number: int) -> str:
    """``a`` to ``z``, then ``aa``, ``bb``: Word repeats the letter rather than counting on."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _roman(number: int) -> str:
    written = ""
    for value, letters in _ROMAN:
        written += letters * (number // value)
        number %= value
    return written


def _ordinal(number: int) -> str:
    is_teen = 10 < number % 100 < 14
    return f"{number}{'th' if is_teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _english(number: int) -> str:
    return _ENGLISH[number].capitalize() if number < len(_ENGLISH) else str(number)


def _counting(number: int) -> str:
    """``十三``, ``二十``, ``一百零五``: as in speech."""
    written = _by_places(number, "零" + _DIGITS[1:], ("", "十", "百", "千"))
    return written.removeprefix("一") if 10 <= number < 20 else written


def _formal(number: int) -> str:
    return _by_places(number, _FORMAL_DIGITS, ("", "拾", "佰", "仟"))


def _by_places(number: int, digits: str, places: tuple[str, ...]) -> str:
    """Each figure with its place, one zero for a gap: 1005 is ``一千零五``."""
    written = ""
    gap = False
    for place in range(len(places) - 1, -1, -1):
        digit = number // 10**place % 10
        if digit == 0:
            gap = bool(written)
            continue
        written += (digits[0] if gap else "") + digits[digit] + places[place]
        gap = False
    return written


def _digital(number: int) -> str:
    return "".join(_DIGITS[int(figure)] for figure in str(number))


def _full_width(number: int) -> str:
    return "".join(chr(ord("０") + int(figure)) for figure in str(number))


def _series(first: str, count: int) -> Callable[[int], str]:
    """Characters that follow one another in Unicode, as ``①`` to ``⑳`` do; figures beyond them."""
    return lambda number: (
        chr(ord(first) + number - 1) if number <= count else str(number)
    )


def _cycle(characters: str) -> Callable[[int], str]:
    return lambda number: characters[(number - 1) % len(characters)]


_FORMS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda number: f"{number:02}",
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperRoman": _roman,
    "ordinal": _ordinal,
    "cardinalText": _english,
    "chineseCounting": _counting,
    "chineseCountingThousand": _counting,
    "taiwaneseCounting": _counting,
    "taiwaneseCountingThousand": _counting,
    "japaneseCounting": _counting,
    "chineseLegalSimplified": _formal,
    "ideographDigital": _digital,
    "taiwaneseDigital": _digital,
    "japaneseDigitalTenThousand": _digital,
    "ideographTraditional": _cycle(_STEMS),
    "ideographZodiac": _cycle(_BRANCHES),
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "decimalEnclosedCircle": _series("①", 20),
    "decimalEnclosedCircleChinese": _series("①", 20),
    "decimalEnclosedParen": _series("⑴", 20),
    "decimalEnclosedFullstop": _series("⒈", 20),
    "ideographEnclosedCircle": _series("㊀", 10),
}
