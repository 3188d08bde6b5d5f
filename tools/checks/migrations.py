"""Models and migrations agree, their history is one line, and none would lock a live table.

What squawk is told to pass over, and why:
- prefer-text-field, prefer-bigint-*: Django's own e-mail column; ratings and counters that have
  a check constraint and not a million values;
- require-*-timeout: role owner has both set (deploy/roles.sql), as every migration needs them;
- transaction-nesting: sqlmigrate prints the BEGIN and COMMIT that Django itself sends;
- in the first migration of an app also adding-*: its tables are empty, nobody is using them.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.local import data_directory, servers
from tools.local.data_directory import CHECKOUT

APPS = ("recovery", "notifications")
PASSED_OVER = (
    "prefer-text-field",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "require-lock-timeout",
    "require-statement-timeout",
    "transaction-nesting",
)
PASSED_OVER_AT_FIRST = ("adding-required-field", "adding-foreign-key-constraint")


def main() -> int:
    with data_directory.temporary() as held, servers.running(held, {}, durable=False) as found:
        environment = {**os.environ, **found.variables, "DATABASE_ROLE": "owner"}
        agreed = _manage(environment, "makemigrations", "--check", "--dry-run")
        linear = _manage(environment, "check", "--fail-level=WARNING", "--database=default")
        print(agreed.stdout, agreed.stderr, linear.stdout, linear.stderr, sep="\n")
        return max(agreed.returncode, linear.returncode, _squawk(environment))


def _squawk(environment: dict[str, str]) -> int:
    first = [path for path in _migrations() if path.stem == "0001_initial"]
    later = [path for path in _migrations() if path not in first]
    with TemporaryDirectory() as folder:
        return max(
            _squawk_over(environment, folder, first, PASSED_OVER + PASSED_OVER_AT_FIRST),
            _squawk_over(environment, folder, later, PASSED_OVER),
        )


def _squawk_over(
    environment: dict[str, str], folder: str, migrations: list[Path], passed_over: tuple[str, ...]
) -> int:
    if not migrations:
        return 0
    files = [_written_out(path, folder, environment) for path in migrations]
    options = ["--pg-version=15.0", f"--exclude={','.join(passed_over)}"]
    return subprocess.run(["squawk", *options, *files], check=False).returncode


def _migrations() -> list[Path]:
    return [path for app in APPS for path in CHECKOUT.glob(f"{app}/migrations/0*.py")]


def _written_out(migration: Path, folder: str, environment: dict[str, str]) -> Path:
    app = migration.parent.parent.name
    printed = _manage(environment, "sqlmigrate", app, migration.stem)
    printed.check_returncode()
    path = Path(folder) / f"{app}.{migration.stem}.sql"
    path.write_text(printed.stdout)
    return path


def _manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
