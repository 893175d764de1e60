"""The options of ``chuchu eval pages``: which pages are read or made, and what is asked of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SeedPage = Annotated[
    bool, typer.Option("--seed-page", help="The seed page, against its gold.")
]
Gold = Annotated[
    Path | None, typer.Option(help="Another page's gold, as eval/pages/seeds.json.")
]
Articles = Annotated[
    Path | None,
    typer.Option(
        help='JSONL of {"id", "text"}, .xz or plain: pages are made of its articles.'
    ),
]
Count = Annotated[int, typer.Option("--pages", help="Jumbled pages to make.", min=0)]
InOrder = Annotated[
    int, typer.Option(help="Pages to make that are in order already.", min=0)
]
Fragments = Annotated[
    int,
    typer.Option(
        help="Pages to make of nothing but short pieces, cut within sentences.",
        min=0,
    ),
]
EveryArticle = Annotated[
    bool,
    typer.Option(
        "--every-article",
        help="Use all articles, not only those held out from training.",
    ),
]
Ordinary = Annotated[
    list[Path] | None,
    typer.Option(
        help="Texts in order, a folder of .txt or JSONL, that should be left alone; may be repeated."
    ),
]
InARow = Annotated[
    int,
    typer.Option(
        help="Texts in order to make of --articles, one or several after another.",
        min=0,
    ),
]
Seed = Annotated[int, typer.Option(help="Other pages for another seed.")]
Corruption = Annotated[
    bool,
    typer.Option(
        "--corruption",
        help="What repair is worth: ask --facts of the page corrupted, read plainly and repaired.",
    ),
]
Facts = Annotated[
    Path, typer.Option(help="Facts for --corruption, one JSON object a line.")
]
Draws = Annotated[
    int, typer.Option(help="Times that each corruption is drawn anew.", min=1)
]
Grow = Annotated[
    bool,
    typer.Option(
        "--growth", help="Time pages of 5,000, 10,000 and 20,000 characters, too."
    ),
]
Worst = Annotated[
    int, typer.Option(help="How many pages to tell the mistakes of.", min=0)
]
