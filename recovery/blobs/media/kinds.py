"""What may be attached, recognised by its first bytes and never by a file name or a header."""

from __future__ import annotations

import re
from dataclasses import dataclass


class NotUnderstood(Exception):
    """The bytes are in none of the formats, damaged, or contain more than one thing."""

    code = "not_understood"


class TooManyPixels(NotUnderstood):
    """The decoded picture would be too large."""

    code = "too_many_pixels"


class TooLarge(NotUnderstood):
    """The cleaned file is larger than a file may be."""

    code = "too_large"


@dataclass(frozen=True)
class Kind:
    """`reader` and `writer` are the library's names of the format to read and to write."""

    kind: str
    media_type: str
    begins: re.Pattern[bytes]
    reader: str
    writer: str


def _begins(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.DOTALL)


KINDS = (
    Kind("image", "image/jpeg", _begins(rb"\xff\xd8\xff"), "JPEG", "JPEG"),
    Kind("image", "image/png", _begins(rb"\x89PNG\r\n\x1a\n"), "PNG", "PNG"),
    Kind("image", "image/webp", _begins(rb"RIFF....WEBP"), "WEBP", "WEBP"),
    Kind("audio", "audio/wav", _begins(rb"RIFF....WAVE"), "wav", "wav"),
    Kind("audio", "audio/ogg", _begins(rb"OggS"), "ogg", "ogg"),
    Kind(
        "audio",
        "audio/mp4",
        _begins(rb"....ftyp(?:M4A |M4B |mp4|iso|3gp|qt  |dash)"),
        "mov",
        "ipod",
    ),
    Kind("audio", "audio/aac", _begins(rb"\xff[\xf0\xf1\xf8\xf9]"), "aac", "adts"),
    Kind("audio", "audio/mpeg", _begins(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"), "mp3", "mp3"),
)


@dataclass(frozen=True)
class Media:
    """A cleaned file. Pixels for pictures, milliseconds for recordings."""

    kind: str
    media_type: str
    data: bytes
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None


def kind_of(data: bytes) -> Kind:
    """Recognise the format by the first bytes. NotUnderstood: it is not one we accept."""
    for kind in KINDS:
        if kind.begins.match(data):
            return kind
    raise NotUnderstood
