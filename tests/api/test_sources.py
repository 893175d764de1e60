"""Over HTTP: a document's blocks, its file, whether its text is that file, its pages as pictures."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from tests.api_fixtures import assert_problem, serving
from tests.pdf_makers import HEIGHT, WIDTH, lines, pdf_of

GUIDE = """# 灯塔手册

## 开放时间

- 夏季到二十一点
- 冬季到十七点

| 塔 | 高度 |
| --- | --- |
| 北塔 | 47 米 |
"""
WORDS = "The north tower is forty-seven metres high."


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home")) as client:
        yield client


def add(client: TestClient, name: str, data: bytes) -> dict[str, Any]:
    """Upload a file; its one document."""
    response = client.post("/v1/documents", files=[("files", (name, data))])
    assert response.status_code in {200, 201}, response.text
    (listed,) = response.json()["documents"]
    document: dict[str, Any] = client.get(f"/v1/documents/{listed['id']}").json()
    return document


def tower(canvas: Canvas) -> None:
    lines(canvas, 72, 100, ["Towers of the coast"], 18)
    lines(
        canvas,
        72,
        300,
        [WORDS, "The south tower is lower, and has been dark since the war."],
    )


def overleaf(canvas: Canvas) -> None:
    lines(canvas, 72, 100, ["Overleaf."])


def test_blocks_say_what_each_stretch_is(client: TestClient) -> None:
    document = add(client, "灯塔.md", GUIDE.encode())
    text = document["text"]
    found = [
        (block["role"], text[block["start"] : block["end"]])
        for block in document["blocks"]
    ]
    assert found == [
        ("heading", "灯塔手册"),
        ("heading", "开放时间"),
        ("list_item", "- 夏季到二十一点"),
        ("list_item", "- 冬季到十七点"),
        ("table_head", "塔 | 高度"),
        ("table_row", "北塔 | 47 米"),
    ]
    row = document["blocks"][-1]["cells"]
    assert [(cell["head"], text[cell["start"] : cell["end"]]) for cell in row] == [
        ("塔", "北塔"),
        ("高度", "47 米"),
    ]


def test_a_part_of_a_long_document_brings_its_own_blocks(client: TestClient) -> None:
    paragraphs = "\n\n".join(
        f"第{n}号灯塔的看守人住在第{n}号房子里。" for n in range(500)
    )
    document = add(client, "看守人.md", paragraphs.encode())
    part = client.get(
        f"/v1/documents/{document['id']}", params={"around": 5000, "margin": 200}
    ).json()
    spans = [(block["start"], block["end"]) for block in part["blocks"]]
    assert 5 < len(spans) < 40
    assert all(
        start < part["offset"] + 400 and end > part["offset"] for start, end in spans
    )
    assert set(spans) <= {
        (block["start"], block["end"]) for block in document["blocks"]
    }


@pytest.mark.parametrize(
    ("name", "data", "verbatim"),
    [
        ("明白.txt", "甲塔高四十七米。\r\n乙塔高三十米。\r\n".encode("gb18030"), True),
        (
            "夹带.txt",
            "丙塔高\u202e四十七米，塔下有码头。".encode(),
            False,
        ),  # a control character was dropped
        ("网页.html", "<p>丁塔高四十七米，塔下有码头。</p>".encode(), False),
    ],
)
def test_text_is_called_verbatim_only_where_it_is_the_file(
    client: TestClient, name: str, data: bytes, verbatim: bool
) -> None:
    source = add(client, name, data)["source"]
    assert client.get(f"/v1/sources/{source['sha256']}").json()["verbatim"] is verbatim


def test_a_file_is_given_back_byte_by_byte_to_be_saved(client: TestClient) -> None:
    data = "<script>alert(1)</script><p>戊塔高四十七米，塔下有码头。</p>".encode()
    source = add(client, "塔 表.html", data)["source"]
    response = client.get(f"/v1/sources/{source['sha256']}/file")
    assert response.content == data
    assert response.headers["content-type"] == "application/octet-stream"
    assert (
        response.headers["content-disposition"]
        == "attachment; filename*=UTF-8''%E5%A1%94%20%E8%A1%A8.html"
    )
    assert_problem(client.get(f"/v1/sources/{'0' * 64}/file"), 404, "not-found")


def test_a_page_is_drawn_and_quoted_words_are_found_on_it(client: TestClient) -> None:
    document = add(client, "towers.pdf", pdf_of(tower, overleaf))
    address = f"/v1/sources/{document['source']['sha256']}/pages"
    drawn = client.get(f"{address}/1.png")
    assert drawn.headers["content-type"] == "image/png"
    picture = Image.open(io.BytesIO(drawn.content))
    assert picture.width / picture.height == pytest.approx(WIDTH / HEIGHT, rel=0.01)

    text = client.get(f"/v1/sources/{document['source']['sha256']}").json()["text"]
    start = text.index(WORDS)
    found = client.get(
        f"{address}/1", params={"span": f"{start}-{start + len(WORDS)}"}
    ).json()
    assert found["pages"] == 2
    ((left, top, right, bottom),) = found["boxes"]
    assert left == pytest.approx(72 / WIDTH, abs=0.01)
    assert top == pytest.approx(
        300 / HEIGHT, abs=0.01
    )  # counted from the top, as a person sees it
    assert bottom - top < 0.03
    dark = picture.convert("L").crop(
        (
            int(left * picture.width),
            int(top * picture.height),
            int(right * picture.width),
            int(bottom * picture.height),
        )
    )
    assert dark.histogram()[0] > 0  # the words, which are black, stand in the box
    assert (
        client.get(
            f"{address}/2", params={"span": f"{start}-{start + len(WORDS)}"}
        ).json()["boxes"]
        == []
    )


def test_what_cannot_be_drawn_is_one_clear_sentence(client: TestClient) -> None:
    pdf = add(client, "towers.pdf", pdf_of(tower))["source"]["sha256"]
    problem = assert_problem(
        client.get(f"/v1/sources/{pdf}/pages/9.png"), 422, "unreadable-source"
    )
    assert "no page 9" in problem["detail"]
    text = add(client, "明白.txt", "己塔高四十七米，塔下有码头。".encode())["source"][
        "sha256"
    ]
    assert_problem(
        client.get(f"/v1/sources/{text}/pages/1.png"), 415, "unsupported-format"
    )
    assert_problem(
        client.get(f"/v1/sources/{pdf}/pages/1", params={"span": "all"}),
        422,
        "invalid-value",
    )


def test_the_page_is_served_at_the_address_of_an_answer_with_its_limits(
    client: TestClient,
) -> None:
    page = client.get(f"/a/{'e' * 32}")
    assert page.text == client.get("/").text
    assert '<meta name="question-limit" content="1000">' in page.text
    assert "{{" not in page.text
