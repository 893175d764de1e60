"""The OpenAPI document as one plain page: no script, no network, so it fits the strict policy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from api.curl import pasted
from rag.errors import ChuchuError

Json = dict[str, Any]


def render(document: Json, address: str, key: str = "") -> str:
    """The whole page as HTML.

    Args:
        address: of this server, as ``api.curl.pasted`` takes it, and so is ``key``.
    """
    for operation in _operations(document):
        for sample in operation.get("x-codeSamples", ()):
            sample["source"] = pasted(operation["operationId"], address, key)
    info = document["info"]
    body = "\n".join(
        (
            f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>",
            f"<p>{escape(info.get('description', ''))}</p>",
            '<p>For machines: <a href="/openapi.json">openapi.json</a>.</p>',
            "<nav><ul>",
            *(
                f'<li><a href="#{op["operationId"]}">{_line(op)}</a></li>'
                for op in _operations(document)
            ),
            "</ul></nav>",
            *(_operation(op) for op in _operations(document)),
            "<h2>Shapes</h2>",
            *(
                _shape(name, schema)
                for name, schema in sorted(document["components"]["schemas"].items())
            ),
            "<h2>Problems</h2>",
            "<p>Every error is <code>application/problem+json</code>; its <code>type</code> leads here.</p>",
            *(_problem(kind) for kind in _error_types()),
        )
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])} API</title>"
        '<link rel="stylesheet" href="/docs/style.css"></head>\n'
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _operations(document: Json) -> Iterator[Json]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield {"path": path, "method": method.upper(), **operation}


def _line(operation: Json) -> str:
    return f"<code>{operation['method']} {escape(operation['path'])}</code> {escape(operation['summary'])}"


def _text(description: str) -> str:
    """Text with its code spans; the rest of Markdown is not used in descriptions."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(description))


def _operation(operation: Json) -> str:
    parts = [
        f'<section id="{operation["operationId"]}"><h2>{_line(operation)}</h2>',
        f"<p>{_text(operation.get('description', ''))}</p>",
    ]
    if parameters := operation.get("parameters"):
        rows = (
            (p["name"], p["in"], p["schema"], p.get("description", ""))
            for p in parameters
        )
        parts.append(_table(("parameter", "in", "type", ""), rows))
    if body := operation.get("requestBody"):
        rows = (
            (kind, "", each["schema"], "") for kind, each in body["content"].items()
        )
        parts.append(_table(("body", "", "type", ""), rows))
    answers = (
        (status, kind, each.get("schema", {}), answer["description"])
        for status, answer in sorted(operation["responses"].items())
        for kind, each in (answer.get("content") or {"": {}}).items()
    )
    parts.append(_table(("status", "content", "type", ""), answers))
    parts += _example(operation)
    return "\n".join((*parts, "</section>"))


def _example(operation: Json) -> Iterator[str]:
    """What to paste, and what came back."""
    for sample in operation.get("x-codeSamples", ()):
        yield f"<pre>{escape(sample['source'])}</pre>"
    for status in ("200", "201"):
        for answer in (
            operation["responses"].get(status, {}).get("content") or {}
        ).values():
            example = answer.get("example", "")
            shown = (
                example
                if isinstance(example, str)
                else json.dumps(example, ensure_ascii=False, indent=1)
            )
            if shown:
                yield f"<pre>{escape(shown)}</pre>"


def _shape(name: str, schema: Json) -> str:
    about = _text(schema.get("description", "").replace("``", "`"))
    parts = [f'<section id="{name}"><h3>{name}</h3><p>{about}</p>']
    required = set(schema.get("required", ()))
    rows = (
        (
            key,
            "required" if key in required else "",
            value,
            value.get("description", ""),
        )
        for key, value in schema.get("properties", {}).items()
    )
    parts.append(_table(("field", "", "type", ""), rows))
    parts += [
        f"<pre>{escape(json.dumps(e, ensure_ascii=False, indent=1))}</pre>"
        for e in schema.get("examples", ())
    ]
    return "\n".join((*parts, "</section>"))


def _problem(kind: type[ChuchuError]) -> str:
    return f'<p id="problem-{kind.type}"><code>{kind.type}</code> ({kind.status}) {escape(kind.title)}.</p>'


def _error_types() -> list[type[ChuchuError]]:
    found, waiting = [], [ChuchuError]
    while waiting:
        kind = waiting.pop(0)
        found.append(kind)
        waiting += kind.__subclasses__()
    return found


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, str, Json, str]]) -> str:
    cells = "".join(f"<th>{name}</th>" for name in head)
    lines = [
        f"<tr><td><code>{escape(first)}</code></td><td>{escape(second)}</td>"
        f"<td>{_type(schema)}</td><td>{_text(text)}</td></tr>"
        for first, second, schema, text in rows
    ]
    return f"<table><tr>{cells}</tr>{''.join(lines)}</table>"


def _type(schema: Json) -> str:
    """A schema in a few words; a shape's name leads to it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{name}">{name}</a>'
    if options := schema.get("anyOf"):
        return " or ".join(_type(option) for option in options)
    if choices := schema.get("enum"):
        return " or ".join(escape(json.dumps(choice)) for choice in choices)
    if "prefixItems" in schema:
        return f"[{', '.join(_type(item) for item in schema['prefixItems'])}]"
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    limits = ", ".join(f"{key} {schema[key]}" for key in _LIMITS if key in schema)
    kind = schema.get("format") or schema.get("type", "")
    return escape(f"{kind} ({limits})" if limits else str(kind))


_LIMITS = ("minLength", "maxLength", "minimum", "maximum", "pattern", "default")
