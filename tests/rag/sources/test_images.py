"""PNG and JPEG: the text on a picture, and clear refusals."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from rag.errors import SourceError
from rag.sources import images, ocr
from rag.sources.base import Limits, ReadingError, TooLargeError
from rag.sources.files import read_path
from tests.pdf_makers import picture

LIMITS = Limits()
TEXTS = ["The pump runs at 1450 turns", "and weighs 38 kg when dry."]


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """The picture as a file's bytes."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_text_on_a_picture_is_read_and_says_so(kind: str) -> None:
    (article,) = images.read(encoded(picture(TEXTS), kind), LIMITS).articles
    assert article.text == " ".join(TEXTS)
    assert [(block.page, block.ocr) for block in article.blocks] == [(1, True)]


def test_a_photograph_is_turned_as_its_camera_says() -> None:
    turned = picture(TEXTS).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it a quarter clockwise to see it upright
    data = encoded(turned, "JPEG", exif=exif)
    assert images.read(data, LIMITS).articles[0].text == " ".join(TEXTS)


def test_black_on_transparent_is_read_as_on_paper() -> None:
    page = picture(TEXTS)
    layer = Image.new("RGBA", page.size, (0, 0, 0, 0))
    layer.paste((0, 0, 0, 255), mask=page.convert("L").point(lambda grey: 255 - grey))
    assert images.read(encoded(layer, "PNG"), LIMITS).articles[0].text == " ".join(
        TEXTS
    )


def test_it_runs_in_the_sandbox(tmp_path: Path) -> None:
    for name in ("pump.png", "pump.jpg", "pump.jpeg"):
        path = tmp_path / name
        path.write_bytes(
            encoded(picture(TEXTS), "PNG" if path.suffix == ".png" else "JPEG")
        )
    source = read_path(tmp_path / "pump.png")
    assert source.text == " ".join(TEXTS)
    assert source.media_type == "image/png"
    assert (
        read_path(tmp_path / "pump.jpg").text
        == read_path(tmp_path / "pump.jpeg").text
        == source.text
    )


def test_refusals(tmp_path: Path) -> None:
    whole = encoded(picture(TEXTS), "PNG")
    for data, why in [
        (b"GIF89a", "not a PNG or a JPEG"),
        (whole[: len(whole) // 2], "damaged picture"),
        (encoded(Image.new("RGB", (400, 400), "white"), "PNG"), "no text was found"),
    ]:
        with pytest.raises(ReadingError, match=why):
            images.read(data, LIMITS)
    (tmp_path / "x.png").write_bytes(b"no picture")
    with pytest.raises(SourceError, match=r"x\.png"):
        read_path(tmp_path / "x.png")


def test_a_picture_that_unfolds_too_far_is_refused_before_it_does() -> None:
    bomb = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 100_000
    with pytest.raises(TooLargeError, match="60,000,000 pixels"):
        images.read(bomb, LIMITS)


def test_without_ocr_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "find_spec", lambda name: None)
    with pytest.raises(ReadingError, match=r"pip install 'chuchu\[ocr\]'"):
        images.read(encoded(picture(TEXTS), "PNG"), LIMITS)
