"""Who may call, from where, and what a browser is told to allow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.brake import MOST_WRONG
from api.security import check_binding, is_loopback
from rag.errors import SettingsError
from rag.settings import Settings
from tests.api_fixtures import assert_problem, serving

KEY = "schlüssel-1"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(
        tmp_path_factory.mktemp("home"), allowed_hosts="notes.example, Other.Example"
    ) as client:
        yield client


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), api_key=KEY) as client:
        yield client


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8000",
        "127.8.9.10:1",
        "localhost",
        "LOCALHOST:80",
        "app.localhost",
        "[::1]:8000",
        "notes.example",
        "other.example:443",
    ],
)
def test_host_that_is_ours(client: TestClient, host: str) -> None:
    assert client.get("/health/live", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "notes.example.evil.example",
        "user@127.0.0.1",
        "127.0.0.1/x",
        "[::2]",
        "10.0.0.1",
        "",
    ],
)
def test_host_that_is_not_ours(client: TestClient, host: str) -> None:
    assert_problem(client.get("/health/live", headers={"Host": host}), 403, "forbidden")


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1:9",
        "http://localhost:8000",
        "null",
        "http://127.0.0.1:8000.evil",
    ],
)
def test_foreign_origin_may_not_change_anything(
    client: TestClient, origin: str
) -> None:
    headers = {"Origin": origin}
    assert_problem(client.delete("/v1/documents/1", headers=headers), 403, "forbidden")
    assert_problem(
        client.post("/v1/ask", json={"question": "q"}, headers=headers),
        403,
        "forbidden",
    )


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost", "http://localhost"),
        ("localhost:80", "http://localhost"),
        ("notes.example", "https://notes.example"),
    ],
)
def test_own_origin_may(client: TestClient, host: str, origin: str) -> None:
    headers = {"Host": host, "Origin": origin}
    assert_problem(client.delete("/v1/documents/1", headers=headers), 404, "not-found")


def test_no_response_allows_another_origin_to_read_it(client: TestClient) -> None:
    response = client.get("/v1/documents", headers={"Origin": "http://evil.example"})
    assert not [name for name in response.headers if name.startswith("access-control-")]
    assert response.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer"},
        {"X-API-Key": KEY + "x"},
        {"X-API-Key": ""},
    ],
)
def test_without_the_key(guarded: TestClient, headers: dict[str, str]) -> None:
    raw = {name: value.encode() for name, value in headers.items()}
    for path in ("/v1/documents", "/v1/examples", "/metrics"):
        response = guarded.get(path, headers=raw)
        assert_problem(response, 401, "unauthorized")
        assert response.headers["www-authenticate"].startswith("Bearer")
    assert_problem(guarded.post("/v1/ask", json={"question": "q"}, headers=raw), 401)


@pytest.mark.parametrize(
    "headers", [{"Authorization": f"Bearer {KEY}"}, {"X-API-Key": KEY}]
)
def test_with_the_key(guarded: TestClient, headers: dict[str, str]) -> None:
    raw = {name: value.encode() for name, value in headers.items()}
    assert guarded.get("/v1/documents", headers=raw).status_code == 200
    assert guarded.get("/metrics", headers=raw).status_code == 200


def test_health_and_the_page_need_no_key(guarded: TestClient) -> None:
    for path in (
        "/health/live",
        "/health/ready",
        "/",
        "/web/boot.js",
        "/docs",
        "/openapi.json",
    ):
        assert guarded.get(path).status_code == 200, path
    operation = guarded.get("/openapi.json").json()["paths"]["/v1/ask"]["post"]
    assert operation["security"] == [{"bearer": []}, {"apiKey": []}]


@pytest.mark.parametrize(
    "path",
    ["/", "/web/boot.js", "/docs", "/docs/style.css", "/v1/documents", "/nothing"],
)
def test_policy_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy and "*" not in policy
    for directive in (
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ):
        assert directive in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == (
        "no-store" if path.startswith("/v1/") else "no-cache"
    )


def test_page_is_revalidated_not_resent(client: TestClient) -> None:
    first = client.get("/web/boot.js")
    assert first.headers["content-type"].startswith("text/javascript")
    again = client.get("/web/boot.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["/web/..%2f..%2fapp.py", "/web/%2e%2e/app.py", "/web//etc/passwd", "/web/"]
)
def test_nothing_outside_the_page_is_served(client: TestClient, path: str) -> None:
    assert_problem(client.get(path), 404)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.2", "::1", "localhost", "Localhost."]
)
def test_loopback(host: str) -> None:
    assert is_loopback(host)
    check_binding(Settings(host=host))


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.5", "example.com", "127.0.0.1.example.com"]
)
def test_other_addresses_need_a_key(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(SettingsError, match="api_key"):
        check_binding(Settings(host=host))
    check_binding(Settings(host=host, api_key="k"))


def test_bound_address_is_a_host_of_ours(tmp_path: Path) -> None:
    with serving(tmp_path, host="192.168.1.5", api_key="k") as client:
        assert (
            client.get("/health/live", headers={"Host": "192.168.1.5:8000"}).status_code
            == 200
        )
        assert (
            client.get("/health/live", headers={"Host": "192.168.1.6:8000"}).status_code
            == 403
        )


def test_wrong_keys_again_and_again_have_to_wait(tmp_path: Path) -> None:
    with serving(tmp_path, api_key=KEY) as client:
        wrong = {"X-API-Key": "guess"}
        for _ in range(MOST_WRONG):
            assert_problem(
                client.get("/v1/documents", headers=wrong), 401, "unauthorized"
            )
        refused = client.get("/v1/documents", headers=wrong)
        assert_problem(refused, 429, "too-many-tries")
        assert 0 < int(refused.headers["retry-after"]) <= 60
        right = {"X-API-Key": KEY.encode()}
        assert client.get("/v1/documents", headers=right).status_code == 429, (
            "no key is looked at"
        )
        assert_problem(client.get("/v1/documents"), 401, "unauthorized")
        assert client.get("/health/live", headers=wrong).status_code == 200
