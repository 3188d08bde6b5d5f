"""Real pictures and recordings, generated with a canary in every place where a phone or a program
puts metadata."""

from __future__ import annotations

import array
import io
import math
import struct
import zlib
from fractions import Fraction
from random import Random

import av
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

CANARY = "CANARY-Ana-49.2N"
XMP = f"<x:xmpmeta>{CANARY}</x:xmpmeta>".encode()
RATE = 48_000


def exif(orientation: int = 6) -> Image.Exif:
    """EXIF data with an orientation and a canary as camera maker and GPS field."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = CANARY
    tags.get_ifd(0x8825)[0x001D] = CANARY
    return tags


def drawing(width: int = 60, height: int = 40) -> Image.Image:
    """Red at the top left, blue elsewhere."""
    picture = Image.new("RGB", (width, height), "blue")
    picture.paste("red", (0, 0, width // 2, height // 2))
    return picture


def jpeg(width: int = 60, height: int = 40, **more: object) -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    out = io.BytesIO()
    options = {"exif": exif(), "comment": CANARY.encode(), "icc_profile": profile, "xmp": XMP}
    drawing(width, height).save(out, "JPEG", **options | more)
    return (
        out.getvalue() + b"\0\0\0\x18ftypmp42" + CANARY.encode()
    )  # a motion photo's video after the image


def png() -> bytes:
    text, out = PngInfo(), io.BytesIO()
    text.add_text("Comment", CANARY)
    text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    drawing().save(out, "PNG", pnginfo=text, exif=exif(1))
    return out.getvalue()


def webp() -> bytes:
    out = io.BytesIO()
    drawing().save(out, "WEBP", exif=exif(1), xmp=XMP)
    return out.getvalue()


def moving_webp() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return out.getvalue()


def noise(seed: int, width: int = 900, height: int = 700) -> bytes:
    """A picture of about half a megabyte, so several pieces. It differs for each seed."""
    out = io.BytesIO()
    grey = Random(seed).randbytes(width * height)
    Image.frombytes("L", (width, height), grey).save(out, "PNG", compress_level=0)
    return out.getvalue()


def bomb() -> bytes:
    """A picture that declares 400 million pixels in a few hundred bytes."""
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


def recording(container: str, codec: str, seconds: float = 0.5) -> bytes:
    """A tone with a title, an artist, a comment and a location."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        tags = {"title": CANARY, "artist": CANARY, "comment": CANARY, "location": "+49.2-007.3/"}
        file.metadata.update(tags)
        stream = file.add_stream(codec, rate=RATE, layout="mono")
        _record(file, stream, _tone(seconds))
    return out.getvalue()


def two_songs() -> bytes:
    """Two MP3s in a row, each with tags before it."""
    return 2 * recording("mp3", "libmp3lame")


def tag_among_sounds() -> bytes:
    """An ID3 tag in the middle of an MP3."""
    song = recording("mp3", "libmp3lame")
    tag = b"ID3\x04\0\0\0\0\0\x20" + CANARY.encode().ljust(32, b"\0")
    return song[:3000] + tag + song[3000:]


def chained_ogg() -> bytes:
    """Two recordings chained in one file, as internet radio sends them."""
    return 2 * recording("ogg", "libopus")


def endless_wav(length: int) -> bytes:
    """A WAV whose data chunk has no valid length, with a title after it."""
    wav = recording("wav", "pcm_s16le")
    at = wav.index(b"data") + 4
    title = struct.pack("<4sI", b"LIST", 4 + len(CANARY)) + b"INFO" + CANARY.encode()
    return wav[:at] + struct.pack("<I", length) + wav[at + 4 :] + title


def slow_wav() -> bytes:
    """One sample per second: three megabytes last for weeks."""
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 1, 1, 1, 8)
    sound = struct.pack("<4sI", b"data", 3 * 10**6) + bytes(3 * 10**6)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(head + sound), b"WAVE") + head + sound


def film() -> bytes:
    """A video in the same container as a recording."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(5):
            file.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        file.mux(stream.encode(None))
    return out.getvalue()


def _record(file: av.container.OutputContainer, stream: av.AudioStream, tone: bytes) -> None:
    context = stream.codec_context
    fitting = av.AudioResampler(context.format, context.layout, RATE, context.frame_size or 1024)
    frame = av.AudioFrame("s16", "mono", len(tone) // 2)
    frame.planes[0].update(tone.ljust(frame.planes[0].buffer_size, b"\0"))
    frame.rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    for part in (*fitting.resample(frame), *fitting.resample(None)):
        file.mux(stream.encode(part))
    file.mux(stream.encode(None))


def _tone(seconds: float) -> bytes:
    samples = range(int(seconds * RATE))
    return array.array("h", (int(9000 * math.sin(n / 20)) for n in samples)).tobytes()


def linear_profile(space: str) -> bytes:
    """An ICC profile (version 2) for grey or RGB in which a sample is proportional to light."""

    def s15(*numbers: float) -> bytes:
        return b"".join(struct.pack(">i", round(number * 65_536)) for number in numbers)

    white = b"XYZ \0\0\0\0" + s15(0.9642, 1.0, 0.8249)
    curve = b"curv\0\0\0\0" + struct.pack(">I", 0)
    tags = {b"wtpt": white, b"cprt": b"text\0\0\0\0none\0", b"desc": _description()}
    if space == "Gray":
        tags[b"kTRC"] = curve
    else:
        # The primaries of sRGB, adapted to D50.
        primaries = {
            b"r": (0.4361, 0.2225, 0.0139),
            b"g": (0.3851, 0.7169, 0.0971),
            b"b": (0.1431, 0.0606, 0.7139),
        }
        for name, numbers in primaries.items():
            tags[name + b"XYZ"] = b"XYZ \0\0\0\0" + s15(*numbers)
            tags[name + b"TRC"] = curve
    table, body, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += padded
    colours = b"GRAY" if space == "Gray" else b"RGB "
    head = struct.pack(
        ">I4sI4s4s4s", at + len(body), b"none", 0x02100000, b"mntr", colours, b"XYZ "
    )
    head += bytes(12) + b"acsp" + bytes(28) + s15(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + table + body


def _description() -> bytes:
    text = b"linear\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)


def chunk(name: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check
