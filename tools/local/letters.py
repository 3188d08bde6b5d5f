"""The e-mails of a local run, which arrive as files."""

import re
from email import message_from_bytes, policy
from pathlib import Path

CODE = re.compile(r"(?:code is|código es) (\S+)")


def codes(mail: Path, email: str) -> dict[str, str]:
    """The code in each letter to this address, by its file's name; "" where there is none."""
    letters = {path.name: _letter(path) for path in mail.glob("*.eml")}
    return {name: code for name, (to, code) in letters.items() if to == email}


def _letter(path: Path) -> tuple[str, str]:
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    match = CODE.search(letter.get_content())
    return str(letter["To"]), match[1] if match else ""
