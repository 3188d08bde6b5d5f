"""How many parts a picture's file has, counted before anything is decoded.

Each part costs a decoder time, and a small file can have very many: a progressive JPEG of 200 KB
can ask for thousands of passes over 25 million pixels.
"""

from __future__ import annotations

import re
import struct

from recovery.blobs.media.kinds import Kind, NotUnderstood

# Cameras and encoders make about ten scans at most, and pieces of at least a few kilobytes.
MOST_SCANS = 32
MOST_PARTS = 10_000
PNG_CHUNK, RIFF_CHUNK = struct.Struct(">I4s"), struct.Struct("<4sI")
# In entropy-coded data, 0xFF is followed by zero or a restart marker.
NEXT_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]", re.DOTALL)
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
WITHOUT_LENGTH = (0x01, 0xD8)
# The transfer functions of HDR (ITU-T H.273): in eight bits per colour it is another picture.
HDR = (16, 18)


def check(data: bytes, kind: Kind) -> None:
    """Raises NotUnderstood if the file has too many parts."""
    {"JPEG": _check_jpeg, "PNG": _check_png, "WEBP": _check_webp}[kind.reader](data)


def _check_jpeg(data: bytes) -> None:
    """The first picture of the file, which is the only one that is drawn (ITU-T T.81)."""
    at = scans = parts = 0
    while match := NEXT_MARKER.search(data, at):
        at, marker = match.end(), data[match.end() - 1]
        if marker == END_OF_IMAGE:
            return
        scans += marker == START_OF_SCAN
        parts += 1
        if scans > MOST_SCANS or parts > MOST_PARTS:
            raise NotUnderstood
        if marker not in WITHOUT_LENGTH:
            at += int.from_bytes(data[at : at + 2])


def _check_png(data: bytes) -> None:
    at, parts = 8, 0
    while at + PNG_CHUNK.size <= len(data):
        length, name = PNG_CHUNK.unpack_from(data, at)
        at += PNG_CHUNK.size
        parts += 1
        if parts > MOST_PARTS or (name == b"cICP" and data[at + 1 : at + 2] in map(_byte, HDR)):
            raise NotUnderstood
        at += length + 4


def _check_webp(data: bytes) -> None:
    at, parts = 12, 0
    while at + RIFF_CHUNK.size <= len(data):
        _, length = RIFF_CHUNK.unpack_from(data, at)
        at += RIFF_CHUNK.size + length + length % 2
        parts += 1
        if parts > MOST_PARTS:
            raise NotUnderstood


def _byte(number: int) -> bytes:
    return bytes([number])
