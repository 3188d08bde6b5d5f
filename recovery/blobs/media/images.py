"""A picture is drawn anew from its pixels: whatever else was in the file is not copied."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageCms, ImageOps

from recovery.blobs.media.kinds import Kind, Media, NotUnderstood, TooLarge, TooManyPixels
from recovery.blobs.rules import LARGEST

# The 24 megapixels of today's phones fit; a bomb of 300 KB that fills the memory does not.
MOST_PIXELS = 25_000_000
# Drawn anew, a picture that was pressed hard becomes larger than it came.
SAVE: dict[str, list[dict[str, Any]]] = {
    "JPEG": [{"quality": quality, "optimize": True} for quality in (90, 75, 50)],
    "PNG": [{"compress_level": level} for level in (6, 9)],
    "WEBP": [{"quality": quality, "method": 4} for quality in (90, 50)],
}
MODES = {"JPEG": ("L", "RGB"), "PNG": ("L", "LA", "RGB", "RGBA"), "WEBP": ("RGB", "RGBA")}


def clean(data: bytes, kind: Kind) -> Media:
    """The same picture, the right way up and in sRGB, without anything about where, when or by
    what it was taken. NotUnderstood: no picture of this kind, or a moving one."""
    with _opened(data, kind) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise TooManyPixels
        # Phones put a second picture (depth, brightness) behind a JPEG: only the first is drawn.
        if kind.reader != "JPEG" and getattr(picture, "is_animated", False):
            raise NotUnderstood
        drawn = _plain(_in_srgb(ImageOps.exif_transpose(picture)), kind.writer)
    return Media(kind.kind, kind.media_type, _saved(drawn, kind.writer), *drawn.size)


def _saved(drawn: Image.Image, writer: str) -> bytes:
    """As well as a file may be large. TooLarge."""
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
    """Its colours as every screen shows them, so that its own profile can go."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "CMYK"):
        return picture
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        wanted = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, given, wanted, outputMode="RGB") or picture
    except (ImageCms.PyCMSError, OSError):
        return picture


def _plain(picture: Image.Image, writer: str) -> Image.Image:
    """In a mode that the format has, and with none of what Pillow would write by itself."""
    modes = MODES[writer]
    if picture.mode not in modes:
        see_through = picture.has_transparency_data and modes[-1] == "RGBA"
        picture = picture.convert("RGBA" if see_through else "RGB")
    picture.info = {}
    return picture
