"""EML: a message's subject as title, its day as published, who wrote to whom, and its text.

What was quoted and the signature stay: they are part of what was sent. The text is that of the plain part,
or of the HTML one where there is no plain. Attachments are named in a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message

from rag.records import WarningKind
from rag.sources import html
from rag.sources.base import Article, ArticleBuilder, Limits, Reading, ReadingError
from rag.sources.cleaning import clean, clean_line
from rag.sources.dates import iso_date
from rag.sources.decoding import decode

_PEOPLE = ("From", "To", "Cc")
_MAX_PARTS = 500
_STUB = 40
"""Characters of a plain text that says no more than "see the HTML"."""
_FLOWED = re.compile(r" \n(?![> \n]|-- )")

_Warnings = tuple[tuple[WarningKind, str], ...]


def read(data: bytes, limits: Limits) -> Reading:
    """Raises ReadingError if it is no message, or there is no text in it."""
    try:
        message = message_from_bytes(data)
        parts = list(_parts(message))
        subject = _header(message, "Subject")
        day = iso_date(_header(message, "Date"))
        people = _people(message)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise ReadingError(
            f"it is no e-mail message or is damaged ({type(error).__name__})"
        ) from None
    if not message.keys() or not (people or subject):
        raise ReadingError(
            "it is no e-mail message: it has neither a sender nor a subject"
        )
    body, encoding = _body(parts, limits)
    builder = ArticleBuilder()
    builder.add("paragraph", people)
    builder.append(body)
    return Reading(
        (builder.article(clean_line(subject), day),), encoding, _left_out(parts)
    )


def _people(message: Message) -> str:
    """``From: …; To: …``, of those that it names."""
    named: list[str] = []
    for name in _PEOPLE:
        if value := _header(message, name):
            named.append(f"{name}: {value}")
    return "; ".join(named)


def _parts(message: Message) -> Iterator[Message]:
    """The parts that hold something, in order. A message that is attached counts as one part.

    Raises:
        ReadingError: there are too many.
    """
    pending = [message]
    found = 0
    while pending:
        part = pending.pop()
        found += 1
        if found > _MAX_PARTS:
            raise ReadingError(f"it has more than {_MAX_PARTS} parts")
        inner = part.get_payload()
        if part.get_content_maintype() != "multipart" or not isinstance(inner, list):
            yield part
            continue
        for each in reversed(inner):
            if isinstance(each, Message):
                pending.append(each)


def _body(parts: list[Message], limits: Limits) -> tuple[Article, str]:
    """The text of the message and the encoding it was in."""
    shown = [part for part in parts if not _is_attachment(part)]
    texts: list[str] = []
    encodings: list[str] = []
    pages: list[Message] = []
    for part in shown:
        if part.get_content_type() == "text/html":
            pages.append(part)
        elif part.get_content_type() == "text/plain":
            plain, encoding = _decoded(part)
            texts.append(plain)
            encodings.append(encoding)
    text = "\n\n".join(filter(str.strip, texts))
    # Beside HTML the plain text is often no more than "open this in a browser".
    if len(text.strip()) > _STUB or not pages:
        return _running(text), encodings[0] if encodings else "binary"
    builder = ArticleBuilder()
    encoding = "binary"
    for page in pages:
        markup, encoding = _decoded(page)
        for article in html.read(markup.encode("utf-8", "replace"), limits).articles:
            builder.append(article)
    return builder.article(), encoding


def _running(text: str) -> Article:
    """A plain text as paragraphs, its lines as they were sent."""
    builder = ArticleBuilder()
    for paragraph in re.split(r"\n[ \t]*\n", clean(text)):
        builder.add("paragraph", paragraph)
    return builder.article()


def _decoded(part: Message) -> tuple[str, str]:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    if not data.strip():
        return "", "binary"
    text, encoding = decode(data, part.get_content_charset())
    text = clean(text)
    if str(part.get_param("format", "")).lower() == "flowed":
        # A space at the end of a line: the paragraph goes on.
        text = _FLOWED.sub(" ", text)
    return text, encoding


def _is_attachment(part: Message) -> bool:
    return (
        part.get_content_disposition() == "attachment"
        or part.get_content_maintype() != "text"
    )


def _is_picture_in_text(part: Message) -> bool:
    """Whether it is shown within an HTML text, and none that someone attached."""
    if part.get_content_disposition() == "attachment":
        return False
    return part.get_content_maintype() == "image" and part.get("Content-ID") is not None


def _left_out(parts: list[Message]) -> _Warnings:
    names: list[str] = []
    for part in parts:
        if not _is_attachment(part) or _is_picture_in_text(part):
            continue
        name = clean_line(_unfolded(part.get_filename() or ""), 80)
        names.append(name or f"a part of the kind {part.get_content_type()}")
    if not names:
        return ()
    listed = ", ".join(names)
    detail = f"attachments are not read: {listed}; save them and add them by themselves"
    return (("left_out", detail),)


def _header(message: Message, name: str) -> str:
    """A header as a person reads it: encoded words decoded, and raw bytes of any encoding."""
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            return _unfolded(str(value), message.get_content_charset())
    return ""


def _unfolded(value: str, charset: str | None = None) -> str:
    line = " ".join(value.split())
    raw = line.encode("utf-8", "surrogateescape")
    if not raw.isascii():
        line = _raw(raw, charset)
    try:
        pieces = decode_header(line)
    except (HeaderParseError, ValueError):
        return line
    texts: list[str] = []
    for piece, declared in pieces:
        if isinstance(piece, str):
            texts.append(piece)
        elif declared:
            texts.append(_words(piece, declared))
        else:
            texts.append(piece.decode("utf-8", "replace"))
    return " ".join("".join(texts).split())


def _raw(line: bytes, charset: str | None) -> str:
    """Bytes that no header may hold, in the charset of the text: on a word or two, a guess goes wrong.

    "通知" in GB2312 is "֪ͨ" in UTF-8.
    """
    # GB18030 holds all that its older forms do, and what programs write beyond them.
    wider = "gb18030" if charset in ("gb2312", "gbk") else charset
    try:
        return line.decode(wider or "utf-8")
    except (LookupError, ValueError):
        return _words(line, charset or "utf-8")


def _words(data: bytes, charset: str) -> str:
    try:
        return decode(data, charset)[0] if data else ""
    except ReadingError:
        return data.decode("utf-8", "replace")
