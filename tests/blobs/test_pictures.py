"""The picture that comes out is the one that went in, in every form a file may have."""

from __future__ import annotations

import io
import math
import struct
import zlib
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from recovery.blobs.media import images
from recovery.blobs.media.kinds import NotUnderstood, kind_of
from recovery.blobs.media.structure import MOST_PARTS, MOST_SCANS
from tests.blobs import samples

# PNG (W3C) §11.2.1: colour type → its bit depths, and how many samples make a pixel.
GREY, TRUE, INDEXED, GREY_ALPHA, TRUE_ALPHA = 0, 2, 3, 4, 6
DEPTHS = {GREY: (1, 2, 4, 8, 16), TRUE: (8, 16), INDEXED: (1, 2, 4, 8)}
DEPTHS |= {GREY_ALPHA: (8, 16), TRUE_ALPHA: (8, 16)}
SAMPLES = {GREY: 1, TRUE: 3, INDEXED: 1, GREY_ALPHA: 2, TRUE_ALPHA: 4}
Colour = tuple[int, ...]


def cleaned(data: bytes) -> Image.Image:
    media = images.clean(data, kind_of(data))
    shown = Image.open(io.BytesIO(media.data))
    assert shown.size == (media.width, media.height)
    assert Image.MIME[str(shown.format)] == media.media_type
    return shown


def pixels(picture: Image.Image) -> list[Colour]:
    return [
        tuple(picture.getpixel((x, y)))  # type: ignore[arg-type]
        for y in range(picture.height)
        for x in range(picture.width)
    ]


class Png(NamedTuple):
    """A PNG written by the specification alone, and its colours by the same."""

    colour_type: int
    depth: int
    rows: list[list[Colour]]
    palette: list[Colour]
    key: Colour | None

    def file(self, *chunks: bytes) -> bytes:
        head = struct.pack(
            ">IIBBBBB", len(self.rows[0]), len(self.rows), self.depth, self.colour_type, 0, 0, 0
        )
        parts = [samples.chunk(b"IHDR", head), *chunks]
        if self.palette:
            parts.append(samples.chunk(b"PLTE", bytes(v for c in self.palette for v in c[:3])))
            if any(len(colour) == 4 for colour in self.palette):
                parts.append(samples.chunk(b"tRNS", bytes(c[3] for c in self.palette)))
        elif self.key is not None:
            parts.append(samples.chunk(b"tRNS", struct.pack(f">{len(self.key)}H", *self.key)))
        lines = b"".join(b"\0" + self._packed(row) for row in self.rows)
        parts += [samples.chunk(b"IDAT", zlib.compress(lines)), samples.chunk(b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(parts)

    def _packed(self, row: list[Colour]) -> bytes:
        bits = "".join(f"{value:0{self.depth}b}" for pixel in row for value in pixel)
        bits += "0" * (-len(bits) % 8)
        return int(bits, 2).to_bytes(len(bits) // 8)

    def colours(self) -> list[Colour]:
        """What a viewer shows: red, green, blue and opacity of each pixel, in eight bits."""
        return [self._colour(pixel) for row in self.rows for pixel in row]

    def _colour(self, pixel: Colour) -> Colour:
        if self.colour_type == INDEXED:
            return (*self.palette[pixel[0]], 255)[:4]
        opacity = 0 if pixel == self.key else 255
        most = 2**self.depth - 1
        eight = tuple(round(value * 255 / most) for value in pixel)
        if self.colour_type in (GREY, GREY_ALPHA):
            eight = (eight[0],) * 3 + eight[1:]
        return (*eight, opacity)[:4]


@st.composite
def pngs(draw: st.DrawFn) -> Png:
    colour_type = draw(st.sampled_from(sorted(DEPTHS)))
    depth = draw(st.sampled_from(DEPTHS[colour_type]))
    palette: list[Colour] = []
    most = 2**depth - 1
    if colour_type == INDEXED:
        size = draw(st.integers(min_value=1, max_value=min(2**depth, 16)))
        wide = draw(st.sampled_from((3, 4)))
        byte = st.integers(min_value=0, max_value=255)
        palette = [draw(st.tuples(*[byte] * wide)) for _ in range(size)]
        most = size - 1
    value = st.sampled_from(
        sorted({0, 1, most // 3, most // 2, most - 1, most} & {*range(most + 1)})
    )
    pixel = st.tuples(*[value] * SAMPLES[colour_type])
    width = draw(st.integers(min_value=1, max_value=9))
    rows = [[draw(pixel) for _ in range(width)] for _ in range(draw(st.integers(1, 4)))]
    keyed = colour_type in (GREY, TRUE) and draw(st.booleans())
    return Png(colour_type, depth, rows, palette, draw(pixel) if keyed else None)


@given(pngs())
@example(Png(GREY, 1, [[(0,), (1,)]], [], (1,)))
@settings(max_examples=300)
def test_every_kind_of_png_shows_the_same_colours(png: Png) -> None:
    if png.key and (png.colour_type, png.depth) == (TRUE, 16):
        with pytest.raises(NotUnderstood):
            cleaned(png.file())
        return
    shown = pixels(cleaned(png.file()).convert("RGBA"))
    for came, went in zip(shown, png.colours(), strict=True):
        assert came[3] == went[3] or abs(came[3] - went[3]) == 1
        if went[3]:  # nobody sees the colour of a transparent pixel
            assert max(abs(a - b) for a, b in zip(came[:3], went[:3], strict=True)) <= 1


def ramp() -> Image.Image:
    return Image.linear_gradient("L").resize((64, 48))


def rgba(picture: Image.Image) -> list[Colour]:
    return pixels(picture.convert("RGBA"))


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of the samples of two pictures, 0 to 255."""
    pairs = zip(rgba(one), rgba(other), strict=True)
    gaps = [abs(a - b) for left, right in pairs for a, b in zip(left, right, strict=True)]
    return sum(gaps) / len(gaps)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_shows_the_same_colours(mode: str, progressive: bool) -> None:
    picture, out = samples.drawing(64, 48).convert(mode), io.BytesIO()
    picture.save(out, "JPEG", quality=95, subsampling=0, progressive=progressive)
    assert difference(cleaned(out.getvalue()), picture) < 4


def test_a_cmyk_jpeg_without_adobes_marker_is_refused() -> None:
    """Whether its inks are inverted is anybody's guess, and viewers guess differently."""
    out = io.BytesIO()
    samples.drawing(64, 48).convert("CMYK").save(out, "JPEG")
    data = out.getvalue()
    at = data.index(b"\xff\xee")
    with pytest.raises(NotUnderstood):
        cleaned(data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4]) :])


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_webp_shows_the_same_colours(mode: str, lossless: bool) -> None:
    picture, out = samples.drawing(64, 48).convert(mode), io.BytesIO()
    if mode == "RGBA":
        picture.putalpha(ramp())
    picture.save(out, "WEBP", lossless=lossless, quality=95, exact=True)
    assert difference(cleaned(out.getvalue()), picture) < 6


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_turned_upright(form: str, orientation: int) -> None:
    picture, out = samples.drawing(64, 48), io.BytesIO()
    picture.save(out, form, exif=samples.exif(orientation), quality=95)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(out.getvalue())))
    assert difference(cleaned(out.getvalue()), upright) < 4


def linear(mode: str) -> bytes:
    """A profile in which samples are proportional to light."""
    names = {"L": "Gray", "RGB": "RGB"}
    return samples.linear_profile(names[mode])


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGB", "RGBA"])
def test_a_profile_is_followed_in_every_mode(mode: str) -> None:
    """Half of the light is 188 of 255 in sRGB (IEC 61966-2-1)."""
    grey = mode in ("L", "LA")
    picture, out = Image.new("L", (8, 8), 128).convert(mode), io.BytesIO()
    if mode in ("LA", "RGBA"):
        picture.putalpha(77)
    picture.save(out, "PNG", icc_profile=linear("L" if grey else "RGB"))
    red, green, blue, opacity = rgba(cleaned(out.getvalue()))[0]
    assert all(abs(value - 188) <= 2 for value in (red, green, blue))
    assert opacity == (77 if mode in ("LA", "RGBA") else 255)


def test_a_profile_that_does_not_fit_is_ignored_as_viewers_do() -> None:
    picture, out = Image.new("RGB", (8, 8), (10, 90, 200)), io.BytesIO()
    picture.save(out, "PNG", icc_profile=linear("L"))
    assert rgba(cleaned(out.getvalue()))[0] == (10, 90, 200, 255)
    picture.save(out := io.BytesIO(), "PNG", icc_profile=b"no profile")
    assert rgba(cleaned(out.getvalue()))[0] == (10, 90, 200, 255)


@pytest.mark.parametrize("gamma", [1.0, 0.45455, 0.7])
def test_a_pngs_own_gamma_is_followed(gamma: float) -> None:
    chunk = samples.chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))
    png = Png(TRUE_ALPHA, 8, [[(128, 0, 255, 128)]], [], None)
    [colour] = pixels(cleaned(png.file(chunk)))
    expected = round(255 * math.pow(128 / 255, 1 / 2.2 / gamma))
    assert (abs(colour[0] - expected) <= 1, colour[1:]) == (True, (0, 255, 128))


def test_a_picture_in_hdr_is_refused() -> None:
    chunk = samples.chunk(b"cICP", bytes((9, 16, 0, 1)))
    with pytest.raises(NotUnderstood):
        cleaned(Png(TRUE, 16, [[(1, 2, 3)]], [], None).file(chunk))


def many_scans(scans: int) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    out = io.BytesIO()
    ramp().save(out, "JPEG", progressive=True)
    data = out.getvalue()
    at = data.rindex(b"\xff\xda")
    return data[:at] + data[at:-2] * (scans - data.count(b"\xff\xda") + 1) + data[-2:]


def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded() -> None:
    assert cleaned(many_scans(MOST_SCANS)).size == (64, 48)
    with pytest.raises(NotUnderstood):
        cleaned(many_scans(MOST_SCANS + 1))


def test_a_file_of_very_many_parts_is_refused() -> None:
    png = Png(GREY, 8, [[(7,)]], [], None)
    assert cleaned(png.file(*[samples.chunk(b"tEXt", b"a\0b")] * 100)).size == (1, 1)
    jpeg, webp = samples.jpeg(), samples.webp()
    comment = b"\xff\xfe\0\2"
    assert cleaned(jpeg[:2] + comment * 100 + jpeg[2:])
    for data in (
        png.file(*[samples.chunk(b"tEXt", b"a\0b")] * MOST_PARTS),
        jpeg[:2] + comment * MOST_PARTS + jpeg[2:],
        webp + b"ABCD\0\0\0\0" * MOST_PARTS,
    ):
        with pytest.raises(NotUnderstood):
            cleaned(data)


@given(st.integers(min_value=0), st.sampled_from(["JPEG", "PNG", "WEBP"]))
@settings(max_examples=60)
def test_a_torn_picture_is_refused_or_whole(cut: int, form: str) -> None:
    out = io.BytesIO()
    noise = Image.frombytes("RGB", (64, 48), Random(1).randbytes(64 * 48 * 3))
    noise.save(out, form, quality=90)
    data = out.getvalue()
    try:
        torn = cleaned(data[: 16 + cut % (len(data) - 16)])
    except (NotUnderstood, OSError, SyntaxError, ValueError):
        return
    # JPEG and PNG may lack their end marker only.
    assert difference(torn, cleaned(data)) < 1


@pytest.mark.parametrize("form", ["PNG", "WEBP", "JPEG"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_large_picture_comes_out_in_a_format_that_is_quick_to_write(form: str, mode: str) -> None:
    if (form, mode) == ("JPEG", "RGBA"):
        return
    big, out = Image.new(mode, (5000, 4990), "teal"), io.BytesIO()
    big.paste("red", (0, 0, 2500, 2495))
    if mode == "RGBA":
        big.putalpha(200)
    options = {"PNG": {"compress_level": 1}, "WEBP": {"quality": 50, "method": 0}, "JPEG": {}}
    big.save(out, form, **options[form])
    shown = cleaned(out.getvalue())
    assert shown.format == ("PNG" if form == "PNG" or mode == "RGBA" else "JPEG")
    small = shown.convert("RGBA").resize((50, 50))
    opacity = 200 if mode == "RGBA" else 255
    red, teal = small.getpixel((10, 10)), small.getpixel((40, 40))
    assert max(abs(a - b) for a, b in zip(red, (255, 0, 0, opacity), strict=True)) < 12
    assert max(abs(a - b) for a, b in zip(teal, (0, 128, 128, opacity), strict=True)) < 12


def test_a_sixteen_bit_grey_picture_is_not_bleached() -> None:
    deep, eight = io.BytesIO(), ramp()
    eight.convert("I").point(lambda value: value * 257).convert("I;16").save(deep, "PNG")
    assert difference(cleaned(deep.getvalue()), eight) < 1


def test_profiles_of_the_tests_are_read_by_the_library() -> None:
    for mode in ("L", "RGB"):
        ImageCms.ImageCmsProfile(io.BytesIO(linear(mode)))
