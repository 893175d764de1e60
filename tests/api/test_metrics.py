"""The metrics page: counts that are right, in a format that scrapers read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.metrics import BUCKETS, Counter, Histogram
from tests.api_fixtures import UNANSWERABLE, add, serving

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)')


@pytest.fixture
def client(tmp_path: object) -> Iterator[TestClient]:
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    with serving(tmp_path) as client:
        yield client


def samples(text: str) -> dict[str, float]:
    """Every line read by the format's grammar; a line that does not fit fails."""
    read = {}
    for line in text.splitlines():
        if line.startswith("# "):
            assert re.match(r"# (HELP|TYPE) [a-z_]+ \S", line), line
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        read[line.rpartition(" ")[0]] = float(match[3])
    return read


def test_requests_are_counted_by_route_not_by_path(client: TestClient) -> None:
    for id_ in (7, 8, 9):
        client.get(f"/v1/documents/{id_}")
    for path in ("/no", "/such", "/path"):
        client.get(path)
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    read = samples(response.text)
    route = 'method="GET",route="/v1/documents/{document_id}"'
    assert read[f'chuchu_http_requests_total{{{route},status="404"}}'] == 3
    assert read[f"chuchu_http_request_duration_seconds_count{{{route}}}"] == 3
    assert not [name for name in read if "/such" in name]


def test_gauges_follow_the_library(client: TestClient) -> None:
    add(client, "桥", "红枫桥建于1987年。")
    read = samples(client.get("/metrics").text)
    assert read["chuchu_ready"] == 1
    assert read["chuchu_documents"] == read["chuchu_sources"] == 1
    assert read["chuchu_questions"] == read["chuchu_uploads"] == 0


def test_answers_are_counted_by_status(client: TestClient) -> None:
    status = client.post("/v1/ask", json={"question": UNANSWERABLE}).json()["status"]
    assert (
        samples(client.get("/metrics").text)[
            f'chuchu_answers_total{{status="{status}"}}'
        ]
        == 1
    )


def test_histogram_buckets_are_cumulative() -> None:
    histogram = Histogram("h", "text")
    for value in (0.001, 0.005, 0.02, 99.0):
        histogram.observe(value)
    read = samples("\n".join(histogram.samples()))
    assert read['h_bucket{le="0.005"}'] == 2  # a bound belongs to its bucket
    assert read['h_bucket{le="0.025"}'] == 3
    assert read[f'h_bucket{{le="{BUCKETS[-1]}"}}'] == 3
    assert read['h_bucket{le="+Inf"}'] == read["h_count"] == 4
    assert read["h_sum"] == pytest.approx(99.026)


def test_labels_are_escaped() -> None:
    counter = Counter("c", "text")
    counter.add(what='a"b\\c\nd')
    assert list(counter.samples()) == [r'c{what="a\"b\\c\nd"} 1.0']


def test_readiness_and_metrics_tell_of_a_disk_without_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path / "home") as client:
        assert client.get("/health/ready").json()["problems"] == []
        assert "\nchuchu_disk_full 0.0\n" in client.get("/metrics").text
        monkeypatch.setattr("rag.store.store.free_bytes", lambda _: 0)
        ready = client.get("/health/ready")
        assert ready.status_code == 200, "it answers all the same"
        assert ready.json()["problems"] == [
            "the disk is full: nothing can be added; deleting makes room"
        ]
        assert "\nchuchu_disk_full 1.0\n" in client.get("/metrics").text


def test_made_up_methods_make_no_new_series(client: TestClient) -> None:
    for method in ("BREW", "BREW2"):
        assert client.request(method, "/v1/documents").status_code == 405
    text = client.get("/metrics").text
    assert "BREW" not in text
    assert 'method="other",route="/v1/documents",status="405"} 2.0' in text
