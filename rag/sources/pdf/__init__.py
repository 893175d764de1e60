"""PDF: pages to blocks. Text is taken as it was drawn, scanned pages are read by OCR, page by page.

READ FIRST. One module a step:

    characters, frames, drawings    what PDFium finds on a page
    pieces, sheets                  characters side by side, parted by direction
    scanning                        pages without text, read off their picture
    furniture                       running heads, page numbers
    ruled, unruled, heads           tables
    columns, layout                 reading order
    paragraphs, marks, roles        lines to paragraphs, and what each is
    article                         the ladder over all of it

PDFium was chosen over pypdf and pdfminer.six: docs/decisions/pdf.md says by what.
"""

from rag.sources.pdf.reader import read

__all__ = ["read"]
