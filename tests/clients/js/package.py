"""The library as an app gets it: packed by npm, and installed into an empty folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.clients import node


def packed(library: Path, folder: Path) -> Path:
    """The archive that `npm publish` would upload."""
    copy = node.copy(library, folder / "packing", library / "node_modules")
    node.run(copy, "npm", "pack", "--silent")
    [archive] = copy.glob("*.tgz")
    return archive


def installed(library: Path, folder: Path) -> Path:
    """An empty folder in which an app has installed the library and nothing else."""
    archive = packed(library, folder)
    app = folder / "app"
    app.mkdir()
    (app / "package.json").write_text('{"private": true, "type": "module"}')
    options = ("--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline")
    node.run(app, "npm", "install", *options, str(archive))
    shutil.rmtree(archive.parent)
    return app


def typed(library: Path, app: Path, program: str) -> None:
    """Check the types of a program in the app, as an app of its own would."""
    compiler = library / "node_modules" / "typescript" / "bin" / "tsc"
    types = library / "node_modules" / "@types"
    node.run(
        app, "node", str(compiler), "--noEmit", "--strict", "--module", "nodenext",
        "--target", "es2022", "--typeRoots", str(types), "--types", "node", program,
    )  # fmt: skip
