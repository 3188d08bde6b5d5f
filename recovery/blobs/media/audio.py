"""A recording's sound goes, packet by packet, into a new file; tags, covers, places and dates stay
behind. The sound itself is not touched, so nothing is lost to a second compression."""

from __future__ import annotations

import io

import av
from av.container import InputContainer, OutputContainer

from recovery.blobs.media.kinds import Kind, Media, NotUnderstood

CODECS = {"aac", "alac", "mp3", "mp3float", "opus", "pcm_s16le", "pcm_s24le", "pcm_u8"}
# Without it the writer would put its own name and version into the file.
NOTHING_OF_ITS_OWN = {"fflags": "+bitexact"}


def clean(data: bytes, kind: Kind) -> Media:
    """The same sound in a file that says nothing else. NotUnderstood: no sound of this kind, or
    something beside it (moving pictures, places, texts)."""
    out = io.BytesIO()
    with av.open(io.BytesIO(data), "r", format=kind.reader) as given:
        sound = _only_sound(given)
        with av.open(out, "w", format=kind.writer, options=NOTHING_OF_ITS_OWN) as fresh:
            seconds = _copy(given, sound, fresh)
    if not seconds:
        raise NotUnderstood
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


def _copy(given: InputContainer, sound: av.AudioStream, fresh: OutputContainer) -> float:
    """How many seconds of sound there were."""
    target = fresh.add_stream_from_template(sound)
    target.metadata.clear()
    seconds = 0.0
    for packet in given.demux(sound):
        if packet.dts is None:
            continue
        seconds += float((packet.duration or 0) * packet.time_base)
        packet.stream = target
        fresh.mux(packet)
    return seconds
