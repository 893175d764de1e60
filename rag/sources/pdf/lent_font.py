"""A font lent to PDFium where a file names a Chinese, Japanese or Korean one that it does not bring along.

Without any such font on the machine, as in a container, PDFium takes their characters to be of no width and
passes over every text of one character: the cells ``八`` and ``甲`` of a table, or a whole page whose program
places each character by itself. The font lent here has one glyph, a square of one em, for all of them. It is
never seen: only where characters stand is asked of it.
"""

from __future__ import annotations

import ctypes
import struct
from array import array
from collections.abc import Callable
from functools import cache
from typing import Any

from pypdfium2 import raw

_EM = 1000
_CJK_CHARSETS = frozenset((128, 129, 134, 136))
"""Windows' numbers for Shift-JIS, Hangul, GB2312 and Big5."""
_RANGES = (
    (0x20, 0x24F),
    (0x2000, 0x27BF),
    (0x3000, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFFEF),
)
_LENT = 0x43484348
"""The handle by which PDFium asks for the font again."""


@cache
def lend() -> None:
    """Set PDFium's source of fonts, once a process: the machine's own fonts first, then the one lent."""
    own = raw.FPDF_GetDefaultSystemFontInfo()
    info = _Lender(own).info
    raw.FPDF_SetSystemFontInfo(ctypes.byref(info))
    _kept.append(info)


_kept: list[Any] = []
"""PDFium holds on to what it was given, and Python must not free it."""


class _Lender:
    """PDFium's callbacks: the machine's answers, and where it has none for a CJK font, the lent one."""

    def __init__(self, own: Any) -> None:
        self._own = own
        self._font = _font()
        self._kept: list[Any] = []
        info = raw.FPDF_SYSFONTINFO()
        info.version = 1
        fields = dict(raw.FPDF_SYSFONTINFO._fields_)
        answers: dict[str, Callable[..., Any]] = {
            "Release": lambda _: None,
            "EnumFonts": lambda _, mapper: own.contents.EnumFonts(own, mapper),
            "MapFont": self._map,
            "GetFont": lambda _, face: own.contents.GetFont(own, face),
            "GetFontData": self._data,
            "GetFaceName": self._name,
            "GetFontCharset": self._charset,
            "DeleteFont": self._delete,
        }
        for name, answer in answers.items():
            callback = fields[name](answer)
            self._kept.append(callback)
            setattr(info, name, callback)
        self.info = info
        _kept.append(self)

    def _map(
        self,
        _: Any,
        weight: int,
        italic: int,
        charset: int,
        pitch: int,
        face: Any,
        exact: Any,
    ) -> Any:
        found = self._own.contents.MapFont(
            self._own, weight, italic, charset, pitch, face, exact
        )
        return found or (_LENT if charset in _CJK_CHARSETS else None)

    def _data(self, _: Any, font: Any, table: int, buffer: Any, size: int) -> int:
        if font != _LENT:
            return int(
                self._own.contents.GetFontData(self._own, font, table, buffer, size)
            )
        data = self._font if table == 0 else b""
        if buffer and size >= len(data):
            ctypes.memmove(buffer, data, len(data))
        return len(data)

    def _name(self, _: Any, font: Any, buffer: Any, size: int) -> int:
        if font != _LENT:
            return int(self._own.contents.GetFaceName(self._own, font, buffer, size))
        return 0

    def _charset(self, _: Any, font: Any) -> int:
        return (
            134
            if font == _LENT
            else int(self._own.contents.GetFontCharset(self._own, font))
        )

    def _delete(self, _: Any, font: Any) -> None:
        if font != _LENT:
            self._own.contents.DeleteFont(self._own, font)


def _font() -> bytes:
    """A TrueType font: two glyphs, none and a square, and a map of every character to the square."""
    square = struct.pack(">hhhhh", 1, 0, 0, _EM, _EM) + struct.pack(">HH", 3, 0)
    square += (
        bytes((1, 1, 1, 1))
        + struct.pack(">hhhh", 0, _EM, 0, -_EM)
        + struct.pack(">hhhh", 0, 0, _EM, 0)
    )
    tables = {
        b"cmap": _cmap(),
        b"glyf": square + b"\0" * (-len(square) % 4),
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh",
            0x10000,
            0x10000,
            0,
            0x5F0F3CF5,
            3,
            _EM,
            0,
            0,
            0,
            0,
            _EM,
            _EM,
            0,
            8,
            2,
            1,
            0,
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH",
            0x10000,
            880,
            -120,
            0,
            _EM,
            0,
            0,
            _EM,
            1,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            2,
        ),
        b"hmtx": struct.pack(">HhHh", _EM, 0, _EM, 0),
        b"loca": struct.pack(">III", 0, 0, len(square) + -len(square) % 4),
        b"maxp": struct.pack(
            ">IHHHHHHHHHHHHHH", 0x10000, 2, 4, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0
        ),
    }
    offset = 12 + 16 * len(tables)
    directory, body = struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, 48), b""
    for tag, table in tables.items():
        directory += struct.pack(">4sIII", tag, 0, offset + len(body), len(table))
        body += table + b"\0" * (-len(table) % 4)
    return directory + body


def _cmap() -> bytes:
    """Format 12: one group a character, each of them glyph 1."""
    groups = array("I")
    for low, high in _RANGES:
        for code in range(low, high + 1):
            groups.extend((code, code, 1))
    groups.byteswap()
    data = groups.tobytes()
    header = struct.pack(">HHHHI", 0, 1, 3, 10, 12)
    return (
        header + struct.pack(">HHIII", 12, 0, 16 + len(data), 0, len(data) // 12) + data
    )
