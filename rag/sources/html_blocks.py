"""The elements of HTML that stand by themselves."""

# fmt: off
LISTS = frozenset(("ul", "ol", "dl"))
BLOCKS = LISTS | frozenset((
    "address", "article", "blockquote", "body", "caption", "center", "dd", "details", "div", "dt", "fieldset",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html",
    "legend", "li", "main", "p", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
))
# fmt: on
