"""Redraw a picture from its pixels, so that nothing else in the file is copied."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageCms, ImageOps

from recovery.blobs.media.kinds import Kind, Media, NotUnderstood, TooLarge, TooManyPixels
from recovery.blobs.rules import LARGEST

# The 24 megapixels of today's phones fit. A decompression bomb of 300 KB does not.
MOST_PIXELS = 25_000_000
# A strongly compressed picture may become too large when it is redrawn. These are tried in order.
SAVE: dict[str, list[dict[str, Any]]] = {
    "JPEG": [{"quality": quality, "optimize": True} for quality in (90, 75, 50)],
    "PNG": [{"compress_level": level} for level in (6, 9)],
    "WEBP": [{"quality": quality, "method": 4} for quality in (90, 50)],
}
MODES = {"JPEG": ("L", "RGB"), "PNG": ("L", "LA", "RGB", "RGBA"), "WEBP": ("RGB", "RGBA")}


def clean(data: bytes, kind: Kind) -> Media:
    """The same picture, rotated upright and in sRGB, without metadata about place, time or device.
    Raises NotUnderstood (not a picture of this kind, or animated), TooManyPixels or TooLarge."""
    with _open(data, kind) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise TooManyPixels
        # Phones append a second picture (depth, brightness) to a JPEG. Only the first is drawn.
        if kind.reader != "JPEG" and getattr(picture, "is_animated", False):
            raise NotUnderstood
        drawn = _plain(_in_srgb(ImageOps.exif_transpose(picture)), kind.writer)
    return Media(kind.kind, kind.media_type, _encode(drawn, kind.writer), *drawn.size)


def _encode(drawn: Image.Image, writer: str) -> bytes:
    """The best quality that is small enough. Raises TooLarge."""
    for options in SAVE[writer]:
        out = io.BytesIO()
        drawn.save(out, writer, **options)
        if out.tell() <= LARGEST:
            return out.getvalue()
    raise TooLarge


def _open(data: bytes, kind: Kind) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=[kind.reader])
    except Image.DecompressionBombError:
        raise TooManyPixels from None


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Convert the colours to sRGB, so that the colour profile can be removed."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "CMYK"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, source, srgb, outputMode="RGB") or picture
    except (ImageCms.PyCMSError, OSError):
        return picture


def _plain(picture: Image.Image, writer: str) -> Image.Image:
    """Convert to a mode that the format supports, and remove the metadata."""
    modes = MODES[writer]
    if picture.mode not in modes:
        has_alpha = picture.has_transparency_data and modes[-1] == "RGBA"
        picture = picture.convert("RGBA" if has_alpha else "RGB")
    # Pillow would write some of this into the new file.
    picture.info = {}
    return picture
