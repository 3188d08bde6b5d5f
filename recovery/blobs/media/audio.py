"""A recording's sound goes, packet by packet, into a new file; tags, covers, places and dates stay
behind. The sound itself is not touched, so nothing is lost to a second compression."""

from __future__ import annotations

import io
import re
import struct

import av
from av.container import InputContainer, OutputContainer

from recovery.blobs.media.kinds import Kind, Media, NotUnderstood, TooLarge
from recovery.blobs.rules import LARGEST

CODECS = {"aac", "alac", "mp3", "mp3float", "opus", "pcm_s16le", "pcm_s24le", "pcm_u8"}
LONGEST_SECONDS = 24 * 3600
OGG_BEGINS = re.compile(rb"OggS\0[\x02\x03\x06\x07]", re.DOTALL)
OPUS_HEADERS = (b"OpusHead", b"OpusTags")
CHUNK = struct.Struct("<4sI")
# Without it the writer would put its own name and version into the file.
NOTHING_OF_ITS_OWN = {"fflags": "+bitexact"}


def clean(data: bytes, kind: Kind) -> Media:
    """The same sound in a file that says nothing else. NotUnderstood: no sound of this kind, or
    something beside it (moving pictures, places, texts)."""
    _check(data, kind)
    out = io.BytesIO()
    with av.open(io.BytesIO(data), "r", format=kind.reader) as given:
        sound = _only_sound(given)
        with av.open(out, "w", format=kind.writer, options=NOTHING_OF_ITS_OWN) as fresh:
            seconds = _copy(given, sound, fresh, kind)
    if not seconds:
        raise NotUnderstood
    if len(out.getbuffer()) > LARGEST:
        raise TooLarge
    return Media(kind.kind, kind.media_type, out.getvalue(), duration_ms=round(seconds * 1000))


def _only_sound(given: InputContainer) -> av.AudioStream:
    """A cover counts as a picture stream and is left behind; any other company is refused."""
    covers = [stream for stream in given.streams.video if _is_cover(stream)]
    if len(given.streams) - len(covers) != 1 or not given.streams.audio:
        raise NotUnderstood
    sound = given.streams.audio[0]
    if sound.codec_context.name not in CODECS:
        raise NotUnderstood
    return sound


def _is_cover(stream: av.VideoStream) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _copy(
    given: InputContainer, sound: av.AudioStream, fresh: OutputContainer, kind: Kind
) -> float:
    """How many seconds of sound there were."""
    target = fresh.add_stream_from_template(sound)
    target.metadata.clear()
    seconds = 0.0
    for packet in given.demux(sound):
        if packet.dts is None:
            continue
        if not _is_sound(bytes(packet), kind):
            raise NotUnderstood
        seconds += float((packet.duration or 0) * packet.time_base)
        if seconds > LONGEST_SECONDS:
            raise NotUnderstood
        packet.stream = target
        fresh.mux(packet)
    return seconds


def _check(data: bytes, kind: Kind) -> None:
    """The places where a reader takes for sound what is none. NotUnderstood."""
    if kind.reader == "ogg" and len(OGG_BEGINS.findall(data)) != 1:
        raise NotUnderstood  # a second recording behind the first, with tags of its own
    if kind.reader == "wav" and not _ends_its_sound(data):
        raise NotUnderstood


def _ends_its_sound(data: bytes) -> bool:
    """Whether a WAV says truly how long its sound is; otherwise all that follows is played."""
    at = len(b"RIFF....WAVE")
    while at + CHUNK.size <= len(data):
        name, length = CHUNK.unpack_from(data, at)
        at += CHUNK.size
        if name == b"data":
            return bool(0 < length <= len(data) - at)
        at += length + length % 2
    return False


def _is_sound(packet: bytes, kind: Kind) -> bool:
    """A tag between the sounds comes out of the reader like a sound."""
    if kind.reader == "mp3":
        return packet[:1] == b"\xff" and packet[1:2] >= b"\xe0"
    return not packet.startswith(OPUS_HEADERS)
