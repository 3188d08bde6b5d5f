"""Make foundation/text/confusables.txt again from Unicode's own file (UTS #39).

    python -m tools.confusables [FILE]

Without FILE, the latest is fetched from unicode.org. Run the tests of foundation/text afterwards,
and compare aliases in use: what looks alike may have changed.
"""

from __future__ import annotations

import re
import sys
import unicodedata
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tools.local.data_directory import CHECKOUT

SOURCE = "https://www.unicode.org/Public/security/latest/confusables.txt"
TARGET = CHECKOUT / "foundation/text/confusables.txt"
ROW = re.compile(r"([0-9A-F]{4,6}) ;\t([0-9A-F ]+) ;\tMA\t")
NOTE = """\
# Characters that look alike, each with the one that stands for it. Read by skeletons.py.
#
# Unicode Security Mechanisms for UTS #39, {version}
# {copyright} Unicode and the Unicode Logo are registered trademarks of Unicode, Inc. in
# the U.S. and other countries. Licence: UNICODE-LICENSE.txt beside this file.
#
# Modified: taken from {source} without its
# comments, and without characters that normalisation (NFD) takes apart or that are not shown.
# Renewed by `python -m tools.confusables`; never edited by hand.
"""


def main() -> None:
    text = _read(sys.argv[1:])
    version, copyright_ = _line(text, r"Version: \S+"), _line(text, r"© .*?Inc\.")
    note = NOTE.format(version=version, copyright=copyright_, source=SOURCE)
    TARGET.write_text(note + "".join(sorted_rows(text)), encoding="utf-8")


def sorted_rows(text: str) -> Iterator[str]:
    """The rows of Unicode's file that are needed, in the order of their characters."""
    pairs = {int(source, 16): target for source, target in ROW.findall(text)}
    for code, target in sorted(pairs.items()):
        if unicodedata.normalize("NFD", chr(code)) == chr(code):
            yield f"{code:04X} ; {target.strip()}\n"


def _read(arguments: list[str]) -> str:
    if arguments:
        return Path(arguments[0]).read_text(encoding="utf-8-sig")
    with urllib.request.urlopen(SOURCE, timeout=60) as answer:  # a constant
        text: str = answer.read().decode("utf-8-sig")
        return text


def _line(text: str, pattern: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit("This is not Unicode's confusables.txt.")
    return match[0]


if __name__ == "__main__":
    main()
