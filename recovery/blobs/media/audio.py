"""Copy the sound of a recording, packet by packet, into a new file. Tags, covers, places and dates
are left out. The sound is not encoded again, so no quality is lost."""

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
# What phones and programs record. Beyond it, players differ in what they make of a file.
SLOWEST_RATE, FASTEST_RATE = 4_000, 192_000
MOST_CHANNELS = 8
TORN_SECONDS = 0.1
OGG_START = re.compile(rb"OggS\0[\x02\x03\x06\x07]", re.DOTALL)
OPUS_HEADERS = (b"OpusHead", b"OpusTags")
CHUNK = struct.Struct("<4sI")
# Otherwise the writer adds its own name and version to the file.
NO_WRITER_TAGS = {"fflags": "+bitexact"}


def clean(data: bytes, kind: Kind) -> Media:
    """The same sound without metadata. Raises NotUnderstood if it is not sound of this kind or
    contains anything else (video, places, texts), or TooLarge."""
    # Two cases in which the libraries take something else for sound.
    if kind.reader == "ogg" and len(OGG_START.findall(data)) != 1:
        raise NotUnderstood  # a second recording follows, with tags of its own
    if kind.reader == "wav" and not _has_true_length(data):
        raise NotUnderstood
    out = io.BytesIO()
    with av.open(io.BytesIO(data), "r", format=kind.reader) as source:
        sound = _only_sound(source)
        with av.open(out, "w", format=kind.writer, options=NO_WRITER_TAGS) as target:
            seconds = _copy(source, sound, target, kind)
    if not seconds:
        raise NotUnderstood
    if len(out.getbuffer()) > LARGEST:
        raise TooLarge
    return Media(kind.kind, kind.media_type, out.getvalue(), duration_ms=round(seconds * 1000))


def _only_sound(source: InputContainer) -> av.AudioStream:
    """The only stream. Covers, which count as video streams, are ignored."""
    attached = av.stream.Disposition.attached_pic
    covers = [stream for stream in source.streams.video if stream.disposition & attached]
    if len(source.streams) - len(covers) != 1 or not source.streams.audio:
        raise NotUnderstood
    sound = source.streams.audio[0]
    form = sound.codec_context
    if form.name not in CODECS or not SLOWEST_RATE <= form.sample_rate <= FASTEST_RATE:
        raise NotUnderstood
    if not 1 <= form.channels <= MOST_CHANNELS:
        raise NotUnderstood
    return sound


def _copy(
    source: InputContainer, sound: av.AudioStream, target: OutputContainer, kind: Kind
) -> float:
    """Returns the length of the sound in seconds."""
    stream = target.add_stream_from_template(sound)
    stream.metadata.clear()
    seconds = 0.0
    for packet in source.demux(sound):
        if packet.dts is None:
            continue
        # Corrupt: the file ends before the packet does.
        if packet.is_corrupt or not _is_sound(bytes(packet), kind):
            raise NotUnderstood
        seconds += float((packet.duration or 0) * packet.time_base)
        if seconds > LONGEST_SECONDS:
            raise NotUnderstood
        packet.stream = stream
        target.mux(packet)
    # An MP4 says how long it is. A shorter one was torn.
    if kind.reader == "mov" and seconds < _declared_seconds(sound) - TORN_SECONDS:
        raise NotUnderstood
    return seconds


def _declared_seconds(sound: av.AudioStream) -> float:
    return float((sound.duration or 0) * (sound.time_base or 0))


def _has_true_length(data: bytes) -> bool:
    """Whether a WAV's length of its sound is correct. If not, players play whatever follows."""
    at = len(b"RIFF....WAVE")
    while at + CHUNK.size <= len(data):
        name, length = CHUNK.unpack_from(data, at)
        at += CHUNK.size
        if name == b"data":
            return bool(0 < length <= len(data) - at)
        at += length + length % 2
    return False


def _is_sound(packet: bytes, kind: Kind) -> bool:
    # The reader also returns tags between the sounds as packets.
    if kind.reader == "mp3":
        return packet[:1] == b"\xff" and packet[1:2] >= b"\xe0"
    return not packet.startswith(OPUS_HEADERS)
