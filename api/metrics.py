"""Counters, gauges and histograms in the Prometheus text format, version 0.0.4.

A handful of metrics does not need a client library; a scraper reads them at ``GET /metrics``.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Labels = tuple[tuple[str, str], ...]


class Counter:
    """A number that only grows, one for each combination of labels."""

    kind = "counter"

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self._values: dict[Labels, float] = defaultdict(float)
        self._lock = threading.Lock()

    def add(self, amount: float = 1, **labels: str) -> None:
        with self._lock:
            self._values[tuple(labels.items())] += amount

    def samples(self) -> Iterator[str]:
        with self._lock:
            values = dict(self._values)
        for labels, value in values.items():
            yield _sample(self.name, labels, value)


class Histogram:
    """How often values fell under each of ``BUCKETS``, with their count and sum."""

    kind = "histogram"

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self._counts: dict[Labels, list[int]] = defaultdict(
            lambda: [0] * (len(BUCKETS) + 1)
        )
        self._sums: dict[Labels, float] = defaultdict(float)
        self._lock = threading.Lock()

    def observe(self, value: float, **labels: str) -> None:
        key = tuple(labels.items())
        with self._lock:
            # A value that equals a bound counts under it: le means less or equal. 0.01 goes under le=0.01.
            self._counts[key][bisect_left(BUCKETS, value)] += 1
            self._sums[key] += value

    def samples(self) -> Iterator[str]:
        with self._lock:
            # Copied under the lock, and written without it: a slow scraper must not hold up answers.
            counts = {labels: list(each) for labels, each in self._counts.items()}
            sums = dict(self._sums)
        for labels, each in counts.items():
            for bound, total in zip(
                (*map(str, BUCKETS), "+Inf"), accumulate(each), strict=True
            ):
                yield _sample(f"{self.name}_bucket", (*labels, ("le", bound)), total)
            yield _sample(f"{self.name}_sum", labels, sums[labels])
            yield _sample(f"{self.name}_count", labels, sum(each))


class Metrics:
    """What the service counts."""

    def __init__(self) -> None:
        self.requests = Counter(
            "chuchu_http_requests_total", "Requests answered, by route and status."
        )
        self.durations = Histogram(
            "chuchu_http_request_duration_seconds", "Time to the whole response."
        )
        self.answers = Counter("chuchu_answers_total", "Answers given, by status.")

    def render(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """The page that a scraper reads.

        Args:
            gauges: name to (help text, value now).
        """
        lines: list[str] = []
        for metric in (self.requests, self.durations, self.answers):
            lines += _family(metric.name, metric.kind, metric.text, metric.samples())
        for name, (text, value) in gauges.items():
            lines += _family(name, "gauge", text, [_sample(name, (), value)])
        return "\n".join(lines) + "\n"


class CountRequests:
    """Counts and times each request under its route's template, so that ids make no new series."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        status = 500
        begun = time.perf_counter()

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_noting_status)
        finally:
            # Known only now: the router finds it on the way in. Refusals before the router have none.
            route = getattr(scope.get("route"), "path", "unmatched")
            # What a client makes up makes no series of its own: they are kept for as long as the server runs.
            method = scope["method"] if scope["method"] in METHODS else "other"
            if route == "unmatched":
                method = "any"
            self.metrics.requests.add(method=method, route=route, status=str(status))
            self.metrics.durations.observe(
                time.perf_counter() - begun, method=method, route=route
            )


def _family(name: str, kind: str, text: str, samples: Iterable[str]) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}", *samples]


def _sample(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{key}="{_escape(text)}"' for key, text in labels)
    return f"{name}{{{inside}}} {value!r}" if inside else f"{name} {value!r}"


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
