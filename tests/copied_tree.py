"""A copy of the current tree, for tests that change the code."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from shutil import copyfile

from tools.local.data_directory import CHECKOUT

ADDING_AN_ACTIVITY = "docs/adding-an-activity.md"
# The line before a block ends with the path of the file that the block belongs to.
PYTHON = re.compile(r"^[^\n]* ([\w/]+\.py):?\n\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
IMPORTS = re.compile(r"(?:from [^\n]+\n)+")


def copy_tree(to: Path) -> Path:
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listed, cwd=CHECKOUT, text=True).split("\0"):
        if (CHECKOUT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            copyfile(CHECKOUT / name, to / name)
    return to


def blocks() -> dict[str, str]:
    """The code of the page about adding an activity, by the file that it belongs to."""
    text = (CHECKOUT / ADDING_AN_ACTIVITY).read_text(encoding="utf-8")
    pairs = PYTHON.findall(text)
    assert len(pairs) == text.count("```python"), "each block follows the path of its file"
    return dict(pairs)


def add(path: Path, block: str) -> None:
    """Create a new file. In an existing file, merge the imports and append the rest."""
    if not path.exists():
        path.write_text(block, encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    imports = match[0] if (match := IMPORTS.match(block)) else ""
    before, start, after = text.partition("\nfrom recovery")
    text = f"{before}\n{imports}{start.lstrip()}{after}\n{block.removeprefix(imports)}"
    path.write_text(text, encoding="utf-8")
