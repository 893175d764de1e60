"""Traditional to simplified characters, as a normaliser that a ``tokenizer.json`` carries by itself.

The ``tokenizers`` library offers one normaliser that maps many characters at once: SentencePiece's
precompiled character map, a double-array trie (Aoe 1989, "An Efficient Digital Search Algorithm by
Using a Double-Array Structure") in the layout of Darts-clone, followed by the replacements.
"""

from __future__ import annotations

import itertools
import struct

import opencc

CJK = (range(0x3400, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x2FA20))

HAS_LEAF = 1 << 8
LEAF = 1 << 31

Node = dict[int, "Node"]


def traditional_to_simplified() -> dict[str, str]:
    """Each traditional character whose simplified form, standing alone, is another character."""
    convert = opencc.OpenCC("t2s").convert
    simplified_of: dict[str, str] = {}
    for code in itertools.chain(*CJK):
        character = chr(code)
        simplified = convert(character)
        if len(simplified) == 1 and simplified != character:
            simplified_of[character] = simplified
    return simplified_of


def precompile(mapping: dict[str, str]) -> bytes:
    """SentencePiece's ``precompiled_charsmap`` that replaces each key of ``mapping`` by its value."""
    replacements = bytearray()
    position_of: dict[str, int] = {}
    for target in sorted(set(mapping.values())):
        position_of[target] = len(replacements)
        replacements += target.encode() + b"\0"
    values: dict[bytes, int] = {}
    for key, value in mapping.items():
        values[key.encode()] = position_of[value]
    units = double_array(values)
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + bytes(replacements)


def double_array(values: dict[bytes, int]) -> list[int]:
    """The units of a Darts-clone double array that maps each key (no NUL in it) to its value.

    The children of a node with base ``b`` stand at ``b ^ byte``, its value at ``b``. A unit holds
    its own byte (bits 0-7), whether it has a value (bit 8), and ``position ^ base`` (bits 10-30).
    """
    root = _trie(values)
    units = [0] * 256
    taken = {0}
    first_free = 1
    pending = [(root, 0)]
    while pending:
        node, position = pending.pop()
        leaf = node.pop(-1, None)
        labels = [*([0] if leaf else []), *node]
        base = first_free
        while base in taken or any(base ^ label in taken for label in labels):
            base += 1
        taken.update(base ^ label for label in labels)
        # Else a later node could share the base, and find this one's children.
        taken.add(base)
        while first_free in taken:
            first_free += 1
        # Whole blocks of 256: any byte may be looked up. A base of 300 needs 512 units.
        units += [0] * ((base | 0xFF) + 1 - len(units))
        units[position] |= (position ^ base) << 10
        if leaf:
            units[position] |= HAS_LEAF
            units[base] = LEAF | next(iter(leaf))
        for label, child in node.items():
            units[base ^ label] = label
            pending.append((child, base ^ label))
    return units


def _trie(values: dict[bytes, int]) -> Node:
    """The keys byte by byte; under -1, which is no byte, what a key that ends there stands for."""
    root: Node = {}
    for key, value in values.items():
        node = root
        for byte in key:
            node = node.setdefault(byte, {})
        node[-1] = {value: {}}
    return root
