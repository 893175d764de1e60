"""api/brake.py: who sends wrong keys again and again waits, and nobody else."""

from __future__ import annotations

from api.brake import MOST_WRONG, SECONDS, Brake


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_some_wrong_keys_are_a_slip() -> None:
    brake = Brake(Clock())
    for _ in range(MOST_WRONG - 1):
        brake.wrong("10.0.0.1")
    assert brake.seconds("10.0.0.1") == 0


def test_many_make_that_address_wait_a_minute_from_the_first() -> None:
    clock = Clock()
    brake = Brake(clock)
    for _ in range(MOST_WRONG):
        brake.wrong("10.0.0.1")
        clock.now += 1
    assert brake.seconds("10.0.0.1") == SECONDS - MOST_WRONG
    assert brake.seconds("10.0.0.2") == 0
    clock.now += SECONDS - MOST_WRONG
    assert brake.seconds("10.0.0.1") == 0
    brake.wrong("10.0.0.1")
    assert brake.seconds("10.0.0.1") == 0, "the count begins anew"


def test_a_network_of_64_bits_is_one_address() -> None:
    brake = Brake(Clock())
    for number in range(MOST_WRONG):
        brake.wrong(f"2001:db8::{number:x}")
    assert brake.seconds("2001:db8::ffff:1") > 0
    assert brake.seconds("2001:db8:0:1::1") == 0
    for number in range(MOST_WRONG):
        brake.wrong(f"::ffff:10.0.0.{number}")
    assert brake.seconds("::ffff:10.0.0.77") == 0, (
        "these are addresses of IPv4, each its own"
    )


def test_of_too_many_addresses_the_oldest_are_forgotten() -> None:
    brake = Brake(Clock())
    for _ in range(MOST_WRONG):
        brake.wrong("first")
    for number in range(5000):
        brake.wrong(str(number))
    assert brake.seconds("first") == 0
