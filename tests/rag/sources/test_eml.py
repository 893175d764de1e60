"""EML: subject, day, people, text or HTML body; attachments named."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.sources import eml
from rag.sources.base import Reading, ReadingError
from tests.hostile import LIMITS, damaged, only, seen, survives


def message(text: str, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "张三 <zhang@example.org>"
    made["To"] = "team@example.org"
    made["Subject"] = "四月份排班"
    made["Date"] = "Tue, 02 Apr 2024 09:12:00 +0800"
    made.set_content(text, **headers)
    return made


def read(data: bytes | EmailMessage) -> Reading:
    return eml.read(data if isinstance(data, bytes) else data.as_bytes(), LIMITS)


def test_a_message() -> None:
    article = only(
        read(message("各位：\n\n夜班由姜岩负责。\n\n> 谁值夜班？\n\n-- \n人事科\n"))
    )
    assert (article.title, article.published) == ("四月份排班", "2024-04-02")
    assert seen(article) == [
        ("paragraph", "From: 张三 <zhang@example.org>; To: team@example.org"),
        ("paragraph", "各位："),
        ("paragraph", "夜班由姜岩负责。"),
        ("paragraph", "> 谁值夜班？"),
        ("paragraph", "-- \n人事科"),
    ]


def test_the_html_is_read_where_there_is_no_text() -> None:
    made = message("see the HTML")
    made.add_alternative(
        "<p>夜班由<b>姜岩</b>负责。</p><script>x()</script>", subtype="html"
    )
    texts = [text for _, text in seen(only(read(made)))]
    assert texts[1:] == ["夜班由姜岩负责。"]
    longer = message(
        "夜班由姜岩负责，白班由卢晓负责，每周二和周四各一次，五月起照旧，其余的人不变，有事请告诉我。"
    )
    longer.add_alternative("<p>另一种写法</p>", subtype="html")
    assert "另一种写法" not in only(read(longer)).text


def test_attachments_are_named() -> None:
    made = message("见附件。")
    made.add_attachment(
        b"%PDF", maintype="application", subtype="pdf", filename="报告.pdf"
    )
    made.add_attachment("秘密", filename="a.txt")
    reading = read(made)
    assert "秘密" not in only(reading).text
    assert reading.warnings == (
        (
            "left_out",
            "attachments are not read: 报告.pdf, a.txt; save them and add them by themselves",
        ),
    )


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("gb2312", "gb18030"), ("utf-8", "utf-8"), ("big5", "big5"), ("utf-8", "gb18030")],
)
def test_charsets_declared_and_not_kept_to(charset: str, encoding: str) -> None:
    text = (
        "各位：四月份夜班由王明、李方負責，每周二、周四。"
        if encoding == "big5"
        else "四月份夜班由姜岩、卢晓负责，每周二、周四。"
    )
    head = f"From: a@example.org\nSubject: x\nContent-Type: text/plain; charset={charset}\n\n"
    assert seen(only(read(head.encode() + text.encode(encoding))))[1] == (
        "paragraph",
        text,
    )


def test_headers_in_raw_bytes_and_in_encoded_words() -> None:
    raw = "From: 李四 <li@example.org>\nSubject: 通知\nContent-Type: text/plain; charset=gb2312\n\n正文在这里。"
    assert only(read(raw.encode("gb18030"))).title == "通知"
    folded = (
        b"From: a\nSubject: =?utf-8?B?5Zub5pyI?=\n =?utf-8?B?5Lu95o6S54+t?=\n\ntext"
    )
    assert only(read(folded)).title == "四月份排班"
    unknown = b"From: a\nSubject: =?x-nothing?Q?abc?=\n\ntext"
    assert only(read(unknown)).title == "abc"


def test_a_flowed_paragraph_is_joined() -> None:
    data = b"From: a\nSubject: b\nContent-Type: text/plain; format=flowed\n\none \ntwo\nthree\n"
    assert seen(only(read(data)))[1] == ("paragraph", "one two\nthree")


def test_what_is_no_message() -> None:
    for data in (b"hello", b"a: b\n\ntext", b"\0\1\2" * 50):
        with pytest.raises(ReadingError, match="it is no e-mail message"):
            read(data)


def test_parts_without_end() -> None:
    head = b"From: a\nSubject: b\nContent-Type: multipart/mixed; boundary=x\n\n"
    with pytest.raises(ReadingError, match="more than 500 parts"):
        read(head + b"--x\n\nt\n" * 2000)
    deep = b"From: a\nSubject: b\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at)
        for at in range(90)
    )
    survives(eml.read, deep)


PIECES = [
    "From: a\n",
    "Subject: ",
    "=?utf-8?B?",
    "=?gb2312?Q?=D6",
    "?=",
    "\n",
    "\n\n",
    "--x",
    "Content-Type: ",
    "multipart/mixed; boundary=x",
    "text/html; charset=",
    "Content-Transfer-Encoding: base64\n",
    "\udcff",
    "字",
    "<p>",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@settings(deadline=None)
def test_any_message(text: str) -> None:
    survives(eml.read, b"From: a\n" + text.encode("utf-8", "surrogateescape"))


def test_damage() -> None:
    made = message("各位：夜班由姜岩负责。")
    made.add_alternative("<p>夜班由<b>姜岩</b>负责。</p>", subtype="html")
    for broken in damaged(made.as_bytes()):
        survives(eml.read, broken)
