"""A picture's colours as every phone shows them: sRGB, eight bits, with or without transparency."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageCms

from recovery.blobs.media.kinds import NotUnderstood

# Pillow's modes of JPEG, PNG and WebP files. Any other could be converted to something else
# without an error.
MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "I;16")
SRGB_GAMMA = 1 / 2.2
# A file's gamma this close to that of sRGB makes no visible difference.
SAME_GAMMA = 0.01


def plain(picture: Image.Image, depth: int) -> Image.Image:
    """The picture in mode L, LA, RGB or RGBA. `depth`: the bits of a sample in the file.

    Raises NotUnderstood if its colours cannot be kept.
    """
    info = dict(picture.info)
    # Without Adobe's marker, some viewers take inks for their opposite and others do not.
    if picture.mode not in MODES or (picture.mode == "CMYK" and "adobe" not in info):
        raise NotUnderstood
    picture = _eight_bits(picture, depth)
    picture, alpha = _apart(picture)
    if profile := info.get("icc_profile"):
        picture = _from_profile(picture, profile)
    elif "srgb" not in info and (gamma := info.get("gamma")):
        picture = _from_gamma(picture, gamma)
    if picture.mode not in ("L", "RGB"):
        picture = picture.convert("RGB")
    if alpha:
        picture.putalpha(alpha)
    # Pillow would write some of this into the new file.
    picture.info = {}
    return picture


def _eight_bits(picture: Image.Image, depth: int) -> Image.Image:
    """One byte for each sample, and a transparent colour as an alpha channel."""
    key: Any = picture.info.get("transparency")
    if picture.mode == "I;16":
        # `convert` would clip every value above 255 to white.
        deep = picture.convert("I")
        grey = deep.point([value >> 8 for value in range(2**16)], "L")
        if key is not None:
            grey.putalpha(deep.point([255 * (value != key) for value in range(2**16)], "L"))
        return grey
    if key is None:
        return picture.convert("L") if picture.mode == "1" else picture
    if picture.mode in ("1", "L"):
        if picture.mode == "L":
            # The key is a sample as in the file. Pillow has stretched the samples to eight bits,
            # and those of one bit with their key.
            key = key * 255 // (2**depth - 1)
        grey = picture.convert("L")
        grey.putalpha(grey.point([255 * (value != key) for value in range(256)]))
        return grey
    if picture.mode == "RGB" and depth > 8:
        raise NotUnderstood  # colours that differ from the key only in their low bits
    return picture.convert("RGBA")


def _apart(picture: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colours and transparency."""
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if picture.mode not in ("LA", "RGBA"):
        return picture, None
    return picture.convert(picture.mode[:-1]), picture.getchannel("A")


def _from_profile(picture: Image.Image, profile: bytes) -> Image.Image:
    """From the colours of a profile to sRGB. Viewers ignore a profile that does not fit."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, source, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return picture
    if converted is None:
        return picture
    return converted.convert("L") if picture.mode == "L" else converted


def _from_gamma(picture: Image.Image, gamma: float) -> Image.Image:
    """From a PNG's own gamma (gAMA) to that of sRGB."""
    if gamma <= 0 or abs(gamma - SRGB_GAMMA) < SAME_GAMMA:
        return picture
    curve = [round(255 * (value / 255) ** (SRGB_GAMMA / gamma)) for value in range(256)]
    return picture.point(curve * len(picture.getbands()))
