"""The OpenAPI document describes the service, and the service keeps to it (schemathesis)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis import Case, Config
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from api.problems import MEDIA_TYPE
from rag.settings import Settings
from tests.api_fixtures import BASE_URL, serving

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
DOCUMENT = create_app(Settings()).openapi()
OPERATIONS = [
    (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def test_every_endpoint_of_the_contract_is_described() -> None:
    assert {(method.upper(), path) for path, method, _ in OPERATIONS} == {
        ("POST", "/v1/ask"),
        ("POST", "/v1/ask/batch"),
        ("GET", "/v1/answers/{answer_id}"),
        ("POST", "/v1/chat/completions"),
        ("GET", "/v1/models"),
        ("GET", "/v1/models/{model}"),
        ("POST", "/v1/embeddings"),
        ("POST", "/v1/search"),
        ("GET", "/v1/examples"),
        ("GET", "/v1/documents"),
        ("POST", "/v1/documents"),
        ("GET", "/v1/documents/{document_id}"),
        ("DELETE", "/v1/documents/{document_id}"),
        ("GET", "/v1/sources/{sha256}"),
        ("GET", "/v1/sources/{sha256}/file"),
        ("GET", "/v1/sources/{sha256}/pages/{number}"),
        ("GET", "/v1/sources/{sha256}/pages/{number}.png"),
        ("POST", "/v1/feedback"),
        ("GET", "/v1/feedback"),
        ("DELETE", "/v1/feedback/{answer_id}"),
        ("GET", "/health/live"),
        ("GET", "/health/ready"),
        ("GET", "/metrics"),
    }


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_operation_is_described_whole(
    path: str, method: str, operation: dict[str, object]
) -> None:
    assert (
        operation["operationId"] and operation["summary"] and operation["description"]
    )
    responses = operation["responses"]
    assert isinstance(responses, dict)
    for status, response in responses.items():
        if int(status) >= 400:
            assert list(response["content"]) == [MEDIA_TYPE], (path, method, status)


def test_references_lead_somewhere() -> None:
    def references(node: object) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(references(value) for value in node.values()))
        if isinstance(node, list):
            return set().union(*(references(value) for value in node))
        return set()

    known = {
        f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]
    }
    assert references(DOCUMENT) <= known


def test_limits_of_the_settings_are_in_the_document() -> None:
    schemas = create_app(Settings(max_question_chars=7, max_top_k=3)).openapi()[
        "components"
    ]["schemas"]
    assert schemas["AskRequest"]["properties"]["question"]["maxLength"] == 7
    assert schemas["SearchRequest"]["properties"]["top_k"]["maximum"] == 3


def test_reference_page_needs_nothing_from_elsewhere() -> None:
    page = TestClient(create_app(Settings()), base_url=BASE_URL).get("/docs").text
    assert (
        "<script" not in page
        and "<style" not in page
        and "http://" not in page
        and "https://" not in page
    )
    for _, _, operation in OPERATIONS:
        assert f'id="{operation["operationId"]}"' in page
    assert 'id="problem-invalid-value"' in page


running: dict[str, ASGIApp] = {}


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    """The application that the fixture runs, for schemathesis, which wants one when tests are collected."""
    assert scope["type"] == "http", "the fixture runs the lifespan"
    await running["service"](scope, receive, send)


@pytest.fixture(scope="module", autouse=True)
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with serving(
        tmp_path_factory.mktemp("home"), seeds=True, allowed_hosts="testserver"
    ) as client:
        running["service"] = client.app
        yield


schema = schemathesis.openapi.from_dict(DOCUMENT, config=Config(seed=7))
schema.app = service


@schema.parametrize()
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_service_keeps_to_its_document(case: Case) -> None:
    response = case.call_and_validate(checks=CHECKS)
    assert response.status_code != 403, "refused at the door, so nothing was tested"
