"""Visible and audible content stays, metadata is removed, and unknown formats are refused."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from random import Random

import av
import pytest
from django.conf import settings
from PIL import Image, ImageCms

from foundation.problems import Unattachable
from recovery.blobs.examine import REFUSED, answer, examine
from recovery.blobs.rules import LARGEST
from tests.blobs import samples
from tests.blobs.samples import CANARY

PLACE = b"49.2"
PICTURES = {"image/jpeg": samples.jpeg, "image/png": samples.png, "image/webp": samples.webp}
RECORDINGS = {
    "audio/mp4": ("ipod", "aac"),
    "audio/mpeg": ("mp3", "libmp3lame"),
    "audio/ogg": ("ogg", "libopus"),
    "audio/wav": ("wav", "pcm_s16le"),
    "audio/aac": ("adts", "aac"),
}
QUICKTIME = ("mov", "aac")


def shown(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def audio_packets(data: bytes) -> list[bytes]:
    """The audio packets, in order."""
    with av.open(io.BytesIO(data)) as file:
        return [bytes(packet) for packet in file.demux(audio=0) if packet.size]


@pytest.mark.parametrize("media_type", PICTURES)
def test_a_picture_keeps_its_content_and_loses_its_metadata(media_type: str) -> None:
    original = PICTURES[media_type]()
    assert CANARY.encode() in original
    media = examine(original)
    assert (media.kind, media.media_type) == ("image", media_type)
    assert CANARY.encode() not in media.data
    assert not Image.open(io.BytesIO(media.data)).getexif()
    assert "icc_profile" not in Image.open(io.BytesIO(media.data)).info
    assert shown(media.data).size == (media.width, media.height)


def test_a_picture_is_rotated_before_its_orientation_is_removed() -> None:
    """Orientation 6 means the camera was held a quarter turn to the left, so red moves right."""
    media = examine(samples.jpeg(60, 40))
    assert (media.width, media.height) == (40, 60)
    red, blue = shown(media.data).getpixel((35, 5)), shown(media.data).getpixel((5, 5))
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]


@pytest.mark.parametrize("media_type", RECORDINGS)
def test_a_recording_keeps_its_sound_and_loses_its_metadata(media_type: str) -> None:
    original = samples.recording(*RECORDINGS[media_type])
    assert CANARY.encode() in original or media_type == "audio/aac"  # a format without tags
    media = examine(original)
    assert (media.kind, media.media_type) == ("audio", media_type)
    assert CANARY.encode() not in media.data
    assert PLACE not in media.data
    assert audio_packets(media.data) == audio_packets(original)
    assert media.duration_ms is not None
    assert 450 <= media.duration_ms <= 650


def test_an_iphones_quicktime_file_without_video_is_a_recording() -> None:
    original = samples.recording(*QUICKTIME)
    assert PLACE in original
    media = examine(original)
    assert (media.media_type, PLACE in media.data) == ("audio/mp4", False)
    assert audio_packets(media.data) == audio_packets(original)


def test_a_decompression_bomb_is_not_unpacked() -> None:
    with pytest.raises(Unattachable) as refusal:
        examine(samples.bomb())
    assert refusal.value.code == "too_many_pixels"


@pytest.mark.parametrize(
    "data",
    [
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7 nothing",
        b"GIF89a" + b"\0" * 99,
        b"\xff\xd8\xff\xe0" + b"\0" * 99,
        samples.jpeg()[:300],
        samples.png()[:60],
        samples.film(),
        samples.moving_webp(),
        b"OggS" + b"\0" * 200,
        b"ID3\x04\0\0\0\0\0\0 no sound at all",
        samples.recording("wav", "pcm_s16le")[:44],
        samples.two_songs(),
        samples.tag_among_sounds(),
        samples.chained_ogg(),
        samples.endless_wav(0),
        samples.endless_wav(2**32 - 1),
        samples.endless_wav(10**6),
        samples.slow_wav(),
    ],
    # Explicit ids: encoders may differ between runs, and all workers need the same test names.
    ids=[
        "page",
        "pdf",
        "gif",
        "torn jpeg head",
        "half a jpeg",
        "half a png",
        "film",
        "moving webp",
        "ogg without sound",
        "id3 without sound",
        "wav head",
        "two songs",
        "tag among sounds",
        "chained ogg",
        "wav of length 0",
        "endless wav",
        "wav longer than its file",
        "slow wav",
    ],
)
def test_an_unknown_format_is_refused(data: bytes) -> None:
    with pytest.raises(Unattachable) as refusal:
        examine(data)
    assert refusal.value.code == "not_understood"


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("bytearray(2**30)", "MemoryError"),
        ("open('big', 'w')", "Too many open files"),
        ("open('/proc/self/environ')", "Too many open files"),
        ("__import__('_socket').socket()", "Too many open files"),
        ("__import__('os').write(1, b'x' * 9)", "File too large"),
    ],
)
def test_the_examiner_is_sandboxed(tmp_path: Path, statement: str, error: str) -> None:
    """Memory is bounded, nothing can be opened, and open files cannot grow."""
    inside = "import _socket; from recovery.blobs.media.__main__ import _restrict; _restrict()"
    with (tmp_path / "out").open("w") as out:
        done = subprocess.run(
            [sys.executable, "-c", f"{inside}; {statement}"],
            cwd=tmp_path,
            env={"PYTHONPATH": str(settings.BASE_DIR)},
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode != 0
    assert error in done.stderr
    assert not any(path.stat().st_size for path in tmp_path.iterdir())


def test_cmyk_and_multi_picture_files_work_inside_the_sandbox() -> None:
    """Both need Pillow modules that are normally imported on first use."""
    out, four = io.BytesIO(), samples.drawing().convert("CMYK")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    four.save(out, "JPEG", icc_profile=profile)
    assert shown(examine(out.getvalue()).data).mode == "RGB"
    pair = io.BytesIO()
    samples.drawing().save(pair, "MPO", save_all=True, append_images=[samples.drawing()])
    assert (examine(pair.getvalue()).width, examine(pair.getvalue()).height) == (60, 40)


@pytest.mark.parametrize(
    "output",
    [
        b'{"kind": "image", "media_type": "text/html"}\n<script>',
        b'{"kind": "image", "media_type": "audio/wav"}\nx',
        b'{"kind": "image", "media_type": "image/png", "width": "1"}\nx',
        b'{"kind": "image", "media_type": "image/png", "width": 99999999999}\nx',
        b'{"media_type": "image/png"}\nx',
        b"nothing",
        b"\xff\n",
        b"[]\n",
    ],
)
def test_an_implausible_answer_of_the_examiner_is_rejected(output: bytes) -> None:
    """The examiner may have been taken over by the file that it read."""
    with pytest.raises(Unattachable) as refusal:
        answer(subprocess.CompletedProcess([], 0, output, b""))
    assert refusal.value.code == "not_understood"
    with pytest.raises(Unattachable) as refusal:
        answer(subprocess.CompletedProcess([], REFUSED, output, b""))
    assert refusal.value.code == "not_understood"


def test_a_picture_that_grows_when_reencoded_stays_within_the_limit() -> None:
    out, noise = io.BytesIO(), Random(1).randbytes(3 * 4800 * 4000)
    Image.frombytes("RGB", (4800, 4000), noise).save(out, "JPEG", quality=40)
    assert len(out.getvalue()) < LARGEST
    media = examine(out.getvalue())
    assert (media.width, len(media.data) <= LARGEST) == (4800, True)


def test_a_picture_that_cannot_be_made_small_enough_is_refused() -> None:
    out, noise = io.BytesIO(), Random(1).randbytes(2000 * 1900 * 3)
    Image.frombytes("RGB", (2000, 1900), noise).save(out, "PNG", compress_level=0)
    with pytest.raises(Unattachable) as refusal:
        examine(out.getvalue())
    assert refusal.value.code == "too_large"
