"""The formats that can be attached. Recognised by the first bytes, never by a name or header."""

from __future__ import annotations

import re
from dataclasses import dataclass


class NotUnderstood(Exception):
    """The bytes have none of the formats, are damaged, or contain more than one thing."""

    code = "not_understood"


class TooManyPixels(NotUnderstood):
    """The picture has more pixels than a phone's camera makes."""

    code = "too_many_pixels"


class TooLarge(NotUnderstood):
    """The cleaned file is larger than a file may be."""

    code = "too_large"


@dataclass(frozen=True)
class Kind:
    """`reader`, `writer`: the library's names of the formats to read and to write."""

    kind: str
    media_type: str
    starts: re.Pattern[bytes]
    reader: str
    writer: str


def _starts(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.DOTALL)


KINDS = (
    Kind("image", "image/jpeg", _starts(rb"\xff\xd8\xff"), "JPEG", "JPEG"),
    Kind("image", "image/png", _starts(rb"\x89PNG\r\n\x1a\n"), "PNG", "PNG"),
    Kind("image", "image/webp", _starts(rb"RIFF....WEBP"), "WEBP", "WEBP"),
    Kind("audio", "audio/wav", _starts(rb"RIFF....WAVE"), "wav", "wav"),
    Kind("audio", "audio/ogg", _starts(rb"OggS"), "ogg", "ogg"),
    Kind(
        "audio",
        "audio/mp4",
        _starts(rb"....ftyp(?:M4A |M4B |mp4|iso|3gp|qt  |dash)"),
        "mov",
        "ipod",
    ),
    Kind("audio", "audio/aac", _starts(rb"\xff[\xf0\xf1\xf8\xf9]"), "aac", "adts"),
    Kind("audio", "audio/mpeg", _starts(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"), "mp3", "mp3"),
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
    """Raises NotUnderstood if the format is not supported."""
    for kind in KINDS:
        if kind.starts.match(data):
            return kind
    raise NotUnderstood
