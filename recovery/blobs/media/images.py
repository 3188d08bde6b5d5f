"""Redraw a picture from its pixels, so that nothing else in the file is copied."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageOps

from recovery.blobs.media import colours, structure
from recovery.blobs.media.kinds import Kind, Media, NotUnderstood, TooLarge, TooManyPixels
from recovery.blobs.rules import LARGEST

# The 24 megapixels of today's phones fit. A decompression bomb of 300 KB does not.
MOST_PIXELS = 25_000_000
# Writing a larger picture as PNG or WebP takes many seconds, as JPEG a tenth of one.
QUICK_PIXELS = 5_000_000
# A strongly compressed picture may become too large when it is redrawn. These are tried in order.
SAVE: dict[str, list[dict[str, Any]]] = {
    "JPEG": [{"quality": quality, "optimize": True} for quality in (90, 75, 50)],
    "PNG": [{"compress_level": 6}],
    "WEBP": [{"quality": quality, "method": 4} for quality in (90, 50)],
}
QUICK_PNG = {"compress_level": 1}
PNG_DEPTH_AT = 24


def clean(data: bytes, kind: Kind) -> Media:
    """The same picture, rotated upright and in sRGB, without metadata about place, time or device.
    Raises NotUnderstood (not a picture of this kind, or animated), TooManyPixels or TooLarge."""
    structure.check(data, kind)
    with _open(data, kind) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise TooManyPixels
        # Phones append a second picture (depth, brightness) to a JPEG. Only the first is drawn.
        if kind.reader != "JPEG" and getattr(picture, "is_animated", False):
            raise NotUnderstood
        depth = data[PNG_DEPTH_AT] if kind.reader == "PNG" else 8
        drawn = colours.plain(ImageOps.exif_transpose(picture), depth)
    format_, encoded = _encode(drawn, kind.writer)
    return Media(kind.kind, Image.MIME[format_], encoded, *drawn.size)


def _encode(drawn: Image.Image, writer: str) -> tuple[str, bytes]:
    """The best quality that is small enough, and its format. Raises TooLarge."""
    for format_, options in _tries(drawn, writer):
        out = io.BytesIO()
        drawn.save(out, format_, **options)
        if out.tell() <= LARGEST:
            return format_, out.getvalue()
    raise TooLarge


def _tries(drawn: Image.Image, writer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    is_large = drawn.width * drawn.height > QUICK_PIXELS
    is_opaque = drawn.mode in ("L", "RGB")
    if is_large and (writer == "PNG" or not is_opaque):
        yield "PNG", QUICK_PNG
    format_ = "JPEG" if is_large else writer
    if format_ != "JPEG" or is_opaque:
        for options in SAVE[format_]:
            yield format_, options


def _open(data: bytes, kind: Kind) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=[kind.reader])
    except Image.DecompressionBombError:
        raise TooManyPixels from None
