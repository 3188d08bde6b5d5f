"""Copies the sound of a recording, packet by packet, into a new file.

Tags, covers, locations and dates are left behind. The sound is not encoded again, so it loses no
quality.
"""

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
# Otherwise the muxer writes its own name and version into the file.
NO_ENCODER_TAG = {"fflags": "+bitexact"}


def clean(data: bytes, kind: Kind) -> Media:
    """Return the same sound in a file that contains nothing else.

    NotUnderstood: no sound of this kind, or other streams beside it, such as video or subtitles.
    """
    _check(data, kind)
    out = io.BytesIO()
    with av.open(io.BytesIO(data), "r", format=kind.reader) as source:
        sound = _only_sound(source)
        with av.open(out, "w", format=kind.writer, options=NO_ENCODER_TAG) as target:
            seconds = _copy(source, sound, target, kind)
    if not seconds:
        raise NotUnderstood
    if len(out.getbuffer()) > LARGEST:
        raise TooLarge
    return Media(kind.kind, kind.media_type, out.getvalue(), duration_ms=round(seconds * 1000))


def _only_sound(source: InputContainer) -> av.AudioStream:
    # A cover is a video stream, which is not copied. Any other second stream is refused.
    covers = [stream for stream in source.streams.video if _is_cover(stream)]
    if len(source.streams) - len(covers) != 1 or not source.streams.audio:
        raise NotUnderstood
    sound = source.streams.audio[0]
    if sound.codec_context.name not in CODECS:
        raise NotUnderstood
    return sound


def _is_cover(stream: av.VideoStream) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _copy(
    source: InputContainer, sound: av.AudioStream, target: OutputContainer, kind: Kind
) -> float:
    """Copy the sound. Returns its length in seconds."""
    stream = target.add_stream_from_template(sound)
    stream.metadata.clear()
    seconds = 0.0
    for packet in source.demux(sound):
        if packet.dts is None:
            continue
        if not _is_sound(bytes(packet), kind):
            raise NotUnderstood
        seconds += float((packet.duration or 0) * packet.time_base)
        if seconds > LONGEST_SECONDS:
            raise NotUnderstood
        packet.stream = stream
        target.mux(packet)
    return seconds


def _check(data: bytes, kind: Kind) -> None:
    """Refuse files in which the reader would take other data for sound. NotUnderstood."""
    if kind.reader == "ogg" and len(OGG_BEGINS.findall(data)) != 1:
        raise NotUnderstood  # a second recording behind the first, with its own tags
    if kind.reader == "wav" and not _has_true_length(data):
        raise NotUnderstood


def _has_true_length(data: bytes) -> bool:
    """Whether a WAV file states the true length of its sound. If it does not, the reader takes
    everything that follows for sound."""
    at = len(b"RIFF....WAVE")
    while at + CHUNK.size <= len(data):
        name, length = CHUNK.unpack_from(data, at)
        at += CHUNK.size
        if name == b"data":
            return bool(0 < length <= len(data) - at)
        at += length + length % 2
    return False


def _is_sound(packet: bytes, kind: Kind) -> bool:
    # The reader returns tags in the middle of the sound as if they were packets of sound.
    if kind.reader == "mp3":
        return packet[:1] == b"\xff" and packet[1:2] >= b"\xe0"
    return not packet.startswith(OPUS_HEADERS)
