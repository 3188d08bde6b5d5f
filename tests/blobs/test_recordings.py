"""The recording that comes out is the one that went in, or it is refused."""

from __future__ import annotations

import io
import struct
from fractions import Fraction

import av
import pytest

from recovery.blobs.media import audio
from recovery.blobs.media.kinds import NotUnderstood, kind_of
from tests.blobs import samples

FORMS = [
    ("ipod", "aac"),
    ("mp3", "libmp3lame"),
    ("ogg", "libopus"),
    ("wav", "pcm_s16le"),
    ("adts", "aac"),
]
CHANNELS_AT, RATE_AT = 10, 12  # in a WAV, from the name of its first chunk


def cleaned(data: bytes) -> bytes:
    return audio.clean(data, kind_of(data)).data


def played(data: bytes) -> list[tuple[int, int, Fraction | None, bytes]]:
    """Every packet with what a player needs for it."""
    with av.open(io.BytesIO(data)) as file:
        sound = file.streams.audio[0]
        form = sound.codec_context
        return [
            (form.sample_rate, form.channels, packet.time_base, bytes(packet))
            for packet in file.demux(sound)
            if packet.size
        ]


@pytest.mark.parametrize(("container", "codec"), FORMS)
def test_a_recording_plays_as_before(container: str, codec: str) -> None:
    data = samples.recording(container, codec)
    assert played(cleaned(data)) == played(data)


def wav(at: int, form: str, number: int) -> bytes:
    """A WAV whose header has another number."""
    data = bytearray(samples.recording("wav", "pcm_s16le"))
    struct.pack_into(form, data, data.index(b"fmt ") + at, number)
    return bytes(data)


@pytest.mark.parametrize("rate", [0, 1, 3_999, 192_001, 2**31, 2**32 - 1])
def test_a_rate_that_nobody_records_is_refused(rate: int) -> None:
    with pytest.raises((NotUnderstood, av.FFmpegError)):
        cleaned(wav(RATE_AT, "<I", rate))


@pytest.mark.parametrize("rate", [4_000, 8_000, 44_100, 192_000])
def test_a_rate_that_people_record_is_kept(rate: int) -> None:
    data = wav(RATE_AT, "<I", rate)
    assert played(cleaned(data)) == played(data)


@pytest.mark.parametrize("channels", [0, 9, 60_000])
def test_a_number_of_channels_that_nobody_records_is_refused(channels: int) -> None:
    with pytest.raises((NotUnderstood, av.FFmpegError)):
        cleaned(wav(CHANNELS_AT, "<H", channels))


@pytest.mark.parametrize("tenths", range(1, 10))
@pytest.mark.parametrize(("container", "codec"), FORMS)
def test_a_torn_recording_is_refused_or_plays_as_it_is(
    container: str, codec: str, tenths: int
) -> None:
    """A stream has no length of its own, so players play what is there."""
    data = samples.recording(container, codec)
    torn = data[: len(data) * tenths // 10]
    try:
        out = cleaned(torn)
    except (NotUnderstood, av.FFmpegError):
        return
    assert container in ("mp3", "ogg", "adts")
    assert played(out) == played(torn)


def with_its_index_first(data: bytes) -> bytes:
    """An MP4 whose box `moov` stands before the sound, as programs write it for streaming."""
    boxes, at = {}, 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        boxes[data[at + 4 : at + 8]] = data[at : at + length]
        at += length
    index = bytearray(boxes[b"moov"])
    table = index.index(b"stco") + 8
    for n in range(int.from_bytes(index[table : table + 4])):
        (offset,) = struct.unpack_from(">I", index, table + 4 + 4 * n)
        struct.pack_into(">I", index, table + 4 + 4 * n, offset + len(index))
    rest = b"".join(box for name, box in boxes.items() if name not in (b"ftyp", b"moov"))
    return boxes[b"ftyp"] + bytes(index) + rest


def test_a_torn_recording_whose_index_comes_first_is_refused() -> None:
    """The index says which packets there should be."""
    original = samples.recording("ipod", "aac", 2.0)
    data = with_its_index_first(original)
    assert played(cleaned(data)) == played(original)
    for tenths in range(3, 10):
        with pytest.raises((NotUnderstood, av.FFmpegError)):
            cleaned(data[: len(data) * tenths // 10])
