"""Encodes a picture again from its pixels. Nothing else in the file is copied."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageCms, ImageOps

from recovery.blobs.media.kinds import Kind, Media, NotUnderstood, TooLarge, TooManyPixels
from recovery.blobs.rules import LARGEST

# Enough for the 24 megapixels of today's phones. Decompression bombs are larger.
MOST_PIXELS = 25_000_000
# A highly compressed picture becomes larger when encoded again, so lower qualities follow.
SAVE: dict[str, list[dict[str, Any]]] = {
    "JPEG": [{"quality": quality, "optimize": True} for quality in (90, 75, 50)],
    "PNG": [{"compress_level": level} for level in (6, 9)],
    "WEBP": [{"quality": quality, "method": 4} for quality in (90, 50)],
}
MODES = {"JPEG": ("L", "RGB"), "PNG": ("L", "LA", "RGB", "RGBA"), "WEBP": ("RGB", "RGBA")}


def clean(data: bytes, kind: Kind) -> Media:
    """Return the same picture, the right way up and in sRGB, without location, date and device.

    NotUnderstood: no picture of this kind, or an animated one. TooManyPixels, TooLarge.
    """
    with _opened(data, kind) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise TooManyPixels
        # Phones add a second picture (depth, brightness) to a JPEG. Only the first is used.
        if kind.reader != "JPEG" and getattr(picture, "is_animated", False):
            raise NotUnderstood
        drawn = _plain(_in_srgb(ImageOps.exif_transpose(picture)), kind.writer)
    return Media(kind.kind, kind.media_type, _saved(drawn, kind.writer), *drawn.size)


def _saved(drawn: Image.Image, writer: str) -> bytes:
    """Encode in the best quality that fits the size limit. TooLarge."""
    for options in SAVE[writer]:
        out = io.BytesIO()
        drawn.save(out, writer, **options)
        if out.tell() <= LARGEST:
            return out.getvalue()
    raise TooLarge


def _opened(data: bytes, kind: Kind) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=[kind.reader])
    except Image.DecompressionBombError:
        raise TooManyPixels from None


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Convert the colours to sRGB, so that the picture needs no colour profile."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "CMYK"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, source, srgb, outputMode="RGB") or picture
    except (ImageCms.PyCMSError, OSError):
        return picture  # an invalid profile: slightly wrong colours are better than no picture


def _plain(picture: Image.Image, writer: str) -> Image.Image:
    """Convert to a mode that the format supports, and drop the metadata that Pillow would save."""
    modes = MODES[writer]
    if picture.mode not in modes:
        see_through = picture.has_transparency_data and modes[-1] == "RGBA"
        picture = picture.convert("RGBA" if see_through else "RGB")
    picture.info = {}
    return picture
