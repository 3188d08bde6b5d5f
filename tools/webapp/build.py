"""The phone app and the console's script and style from their sources: built files, and what they
were built from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tools import npm
from tools.local.data_directory import CHECKOUT
from tools.npm import CLIENTS, copied

LIBRARY = "handrail-js"
BUILT = CHECKOUT / "recovery" / "webapp" / "static" / "webapp"
CONSOLE = CHECKOUT / "recovery" / "console" / "static" / "console"
COMPILER = "node_modules/typescript/bin/tsc"
PATIENCE = 60_000  # ms for one test


def build(folder: Path = BUILT, clients: Path = CLIENTS) -> str:
    """Replace the built files in `folder` by those of the sources in `clients`. Returns the sizes,
    one a line. Raises CannotStart."""
    with copied("web", LIBRARY, clients=clients) as web:
        return npm.run("build.mjs", folder.absolute(), cwd=web)


def build_console(folder: Path = CONSOLE, clients: Path = CLIENTS) -> str:
    """The same for the console, which is styled by files of the phone app."""
    with copied("console", "web", clients=clients) as console:
        return npm.run("build.mjs", folder.absolute(), cwd=console)


def typecheck() -> None:
    """Raises CannotStart with what the TypeScript compiler says of the apps and the library."""
    with copied("console") as console:
        npm.run(COMPILER, "--project", "tsconfig.json", cwd=console)
    with copied("web", LIBRARY) as web:
        for project in ("tsconfig.json", "tsconfig.worker.json"):
            npm.run(COMPILER, "--project", project, cwd=web)
    with copied(LIBRARY) as library:
        npm.run(COMPILER, "--noEmit", cwd=library)


def run_tests() -> None:
    """The tests that need no browser. Raises CannotStart with what fails."""
    with copied("web", LIBRARY) as web:
        tests = sorted(path.relative_to(web) for path in web.glob("test/*.test.ts"))
        npm.run("--test", f"--test-timeout={PATIENCE}", *tests, cwd=web)


def write_types() -> None:
    """Write the library's types from its openapi.json. Raises CannotStart."""
    with copied(LIBRARY) as library:
        generator = "node_modules/openapi-typescript/bin/cli.js"
        npm.run(
            generator, "openapi.json", "--output", CLIENTS / LIBRARY / "src/schema.ts", cwd=library
        )


def sources(folder: Path) -> list[Path]:
    """Everything that determines the built files in `folder`, as its build.mjs has it."""
    web, library, console = CLIENTS / "web", CLIENTS / LIBRARY, CLIENTS / "console"
    if folder == CONSOLE:
        style = [web / "src" / "style" / f"{name}.css" for name in ("tokens", "base", "parts")]
        beside = [*style, web / "src" / "parts" / "icons.json", web / "icons" / "day.svg"]
        app, folders = console, [console / "src"]
    else:
        app, folders, beside = web, [web / "src", web / "icons", library / "src"], []
    files = [path for each in folders for path in each.rglob("*.*") if path.is_file()]
    return [*files, *beside, app / "build.mjs", app / "package-lock.json"]


def sources_hash(folder: Path = BUILT) -> str:
    """SHA-256 over everything that determines the built files, as build.mjs computes it."""
    names = sorted(path.relative_to(CLIENTS).as_posix() for path in sources(folder))
    hashes = {name: hashlib.sha256((CLIENTS / name).read_bytes()).hexdigest() for name in names}
    lines = [f"{name} {digest}\n" for name, digest in hashes.items()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def built_from(folder: Path = BUILT) -> str:
    """The hash of the sources that the committed files were built from."""
    return str(json.loads((folder / "built-from.json").read_text())["sha256"])
