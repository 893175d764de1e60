"""PNG and JPEG: a photographed or scanned page, read by OCR as a page of a PDF is."""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from rag.sources import ocr
from rag.sources.base import Limits, Reading, ReadingError, TooLargeError, one_line
from rag.sources.pdf.article import article_of

_FORMATS = ("PNG", "JPEG")
_MAX_PIXELS = 60_000_000
_MAX_SIDE = 4_000
"""Pixels: a larger picture is read smaller."""
_PAGE_WIDTH = 595.0
"""Points, of A4: a picture rarely says how large it is, and its lengths are compared with a page's."""


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Read the text on a picture; its blocks say ``ocr``.

    Raises:
        ReadingError: OCR is not installed, the picture is damaged or no PNG or JPEG, or no text is on it.
        TooLargeError: it has more than 60 million pixels.
    """
    picture = _opened(data)
    if not ocr.is_installed():
        raise ReadingError(f"it is a picture: {ocr.HOW_TO_INSTALL}")
    sheet = ocr.sheet_of(picture, 1, points_per_pixel=_PAGE_WIDTH / picture.width)
    article = article_of([sheet])
    if not article.text.strip():
        raise ReadingError("it is a picture in which no text was found")
    return Reading((article,), "binary")


def _opened(data: bytes) -> Image.Image:
    """The picture upright, as its camera says, and no larger than OCR makes use of."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(data), formats=_FORMATS)
        if picture.width * picture.height > _MAX_PIXELS:
            raise TooLargeError(f"it has more than {_MAX_PIXELS:,} pixels")
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((_MAX_SIDE, _MAX_SIDE))
        return _on_white(upright)
    except UnidentifiedImageError:
        raise ReadingError("it is not a PNG or a JPEG") from None
    except Image.DecompressionBombError:
        raise TooLargeError(f"it has more than {_MAX_PIXELS:,} pixels") from None
    except (OSError, SyntaxError, ValueError) as error:
        raise ReadingError(f"it is a damaged picture ({one_line(error)})") from None


def _on_white(picture: Image.Image) -> Image.Image:
    """Transparent pixels as a page shows them; black on transparent would be black on black else."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(paper, layer).convert("RGB")
