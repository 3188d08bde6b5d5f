"""The library as an app gets it: packed by npm, and installed into an empty folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from tools import npm


def packed(library: Path, folder: Path) -> Path:
    """The archive that `npm publish` would upload."""
    copy = npm.copy(library, folder / "packing", library / "node_modules")
    npm.run(npm.NPM, "pack", "--silent", cwd=copy)
    [archive] = copy.glob("*.tgz")
    return archive


def installed(library: Path, folder: Path) -> Path:
    """An empty folder in which an app has installed the library and nothing else."""
    archive = packed(library, folder)
    app = folder / "app"
    app.mkdir()
    (app / "package.json").write_text('{"private": true, "type": "module"}')
    npm.run(npm.NPM, "install", *npm.QUIETLY, "--prefer-offline", archive, cwd=app)
    shutil.rmtree(archive.parent)
    return app


def typed(library: Path, app: Path, program: str) -> None:
    """Check the types of a program in the app, as an app of its own would."""
    compiler = library / "node_modules" / "typescript" / "bin" / "tsc"
    types = library / "node_modules" / "@types"
    npm.run(
        compiler, "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022",
        "--typeRoots", types, "--types", "node", program, cwd=app,
    )  # fmt: skip
