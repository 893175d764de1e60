"""A brake on wrong keys: whoever keeps guessing waits."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Final

MOST_WRONG: Final = 10
"""Wrong keys that one address may send within ``SECONDS``. At ten a minute, a key of six letters takes a
thousand years of guessing."""
SECONDS: Final = 60.0
_MOST_KNOWN: Final = 4096
"""Addresses that are remembered, the latest ones."""


class Brake:
    """Counts by address; one IPv6 network of 64 bits, which a single household has, is one address.

    Behind a proxy all share its address, and with it the wait.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def seconds(self, address: str) -> int:
        """How long this address has to wait before its next key is looked at; 0 when it need not."""
        begun, count = self._wrong.get(_network(address), (0.0, 0))
        left = begun + SECONDS - self._clock()
        return math.ceil(left) if count >= MOST_WRONG and left > 0 else 0

    def wrong(self, address: str) -> None:
        """Note a wrong key."""
        now, network = self._clock(), _network(address)
        # Popped and put back, it stands last, as the one seen latest; the first goes when there are too many.
        begun, count = self._wrong.pop(network, (now, 0))
        if now - begun >= SECONDS:
            begun, count = now, 0
        self._wrong[network] = begun, count + 1
        while len(self._wrong) > _MOST_KNOWN:
            self._wrong.popitem(last=False)


def _network(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return address
    # ::ffff:192.0.2.1 is an IPv4 address: cut to 64 bits, all of them would be one.
    if isinstance(known, IPv6Address) and known.ipv4_mapped is None:
        return str(IPv6Address(int(known) >> 64 << 64))
    return address
