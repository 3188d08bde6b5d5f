"""Models and migrations agree, the history is linear, and no migration locks a live table.

Squawk's rules that are excluded, and why:
- prefer-text-field, prefer-bigint-*: Django's own e-mail column; ratings and counters are
  bounded by a check constraint;
- require-*-timeout: role owner sets both (deploy/roles.sql), because every migration needs them;
- transaction-nesting: sqlmigrate prints the BEGIN and COMMIT that Django sends itself;
- adding-*, in the first migration of an app only: its tables are empty and not in use yet.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.local import data_directory, servers
from tools.local.data_directory import CHECKOUT

APPS = ("recovery", "notifications")
EXCLUDED = (
    "prefer-text-field",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "require-lock-timeout",
    "require-statement-timeout",
    "transaction-nesting",
)
EXCLUDED_AT_FIRST = ("adding-required-field", "adding-foreign-key-constraint")


def main() -> int:
    with (
        data_directory.temporary() as directory,
        servers.running(directory, {}, durable=False) as local,
    ):
        environment = {**os.environ, **local.variables, "DATABASE_ROLE": "owner"}
        agreed = _manage(environment, "makemigrations", "--check", "--dry-run")
        linear = _manage(environment, "check", "--fail-level=WARNING", "--database=default")
        print(agreed.stdout, agreed.stderr, linear.stdout, linear.stderr, sep="\n")
        return max(agreed.returncode, linear.returncode, _squawk(environment))


def _squawk(environment: dict[str, str]) -> int:
    first = [path for path in _migrations() if path.stem == "0001_initial"]
    later = [path for path in _migrations() if path not in first]
    with TemporaryDirectory() as folder:
        return max(
            _run_squawk(environment, folder, first, EXCLUDED + EXCLUDED_AT_FIRST),
            _run_squawk(environment, folder, later, EXCLUDED),
        )


def _run_squawk(
    environment: dict[str, str], folder: str, migrations: list[Path], excluded: tuple[str, ...]
) -> int:
    if not migrations:
        return 0
    files = [_write_sql(path, folder, environment) for path in migrations]
    options = ["--pg-version=15.0", f"--exclude={','.join(excluded)}"]
    return subprocess.run(["squawk", *options, *files], check=False).returncode


def _migrations() -> list[Path]:
    return [path for app in APPS for path in CHECKOUT.glob(f"{app}/migrations/0*.py")]


def _write_sql(migration: Path, folder: str, environment: dict[str, str]) -> Path:
    app = migration.parent.parent.name
    sqlmigrate = _manage(environment, "sqlmigrate", app, migration.stem)
    sqlmigrate.check_returncode()
    path = Path(folder) / f"{app}.{migration.stem}.sql"
    path.write_text(sqlmigrate.stdout)
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
