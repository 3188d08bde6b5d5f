"""The links with which demonstration people open the phone app for the first time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import segno

# A line that `load_demonstration` prints.
PRINTED = re.compile(
    r"(?m)^  (?P<role>\w+) +(?P<name>\S.*?) +(?P<email>\S+@\S+) +(?P<code>[0-9A-Z-]{14})"
    r"(?:  (?P<born>\S+))?$"
)
BESIDE = "   "
BORDER = 2  # modules around a code


def links(app: str, printed: str, columns: int) -> str:
    """For everyone in `printed` with a date of birth, which is everyone but staff: a link with the
    one-use code, then the same links as QR codes, as many side by side as fit into `columns`. Empty
    if `printed` names no one.
    """
    people = [match for match in PRINTED.finditer(printed) if match["born"]]
    if not people:
        return ""
    urls = [f"{app}#code={match['code']}" for match in people]
    lines = [
        f"  {match['name']:<16}born {match['born']}   {url}"
        for match, url in zip(people, urls, strict=True)
    ]
    names = [match["name"] for match in people]
    return "\n".join([*lines, "", *_pictures(list(zip(names, urls, strict=True)), columns)])


def _pictures(urls: list[tuple[str, str]], columns: int) -> Iterator[str]:
    codes = [(name, segno.make(url, error="l", micro=False)) for name, url in urls]
    width = max(int(code.symbol_size(border=BORDER)[0]) for _, code in codes) + len(BESIDE)
    in_a_row = max(1, columns // width)
    for first in range(0, len(codes), in_a_row):
        row = codes[first : first + in_a_row]
        yield "".join(f"{BESIDE}{name:<{width - len(BESIDE)}}" for name, _ in row).rstrip()
        for parts in zip(*(_lines(code) for _, code in row), strict=True):
            yield "".join(f"{BESIDE}{part}" for part in parts)
        yield ""


def _lines(code: segno.QRCode) -> list[str]:
    """Two modules, one above the other, in each character."""
    picture = io.StringIO()
    code.terminal(picture, border=BORDER, compact=True)
    return picture.getvalue().splitlines()
