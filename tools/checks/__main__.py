"""Run all checks, print the output of those that fail, and exit with 1 if any failed."""

import subprocess
import sys
import time

from tools.local.data_directory import CHECKOUT

TYPED = ("server", "recovery", "notifications", "foundation", "clients", "tools", "tests")
SEMGREP = ["semgrep", "scan", "--metrics=off", "--disable-version-check", "--quiet"]
OWN_RULES = ["--config=tools/checks/rules.yml", "--exclude=tools/checks/rules.py"]
CHECKS = {
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "lint": ["ruff", "check", "--quiet", "."],
    "types": ["mypy", *TYPED],
    "import order": ["lint-imports", "--no-logo"],
    "plain words": [sys.executable, "-m", "tools.checks.words"],
    "words of the app": [sys.executable, "-m", "tools.checks.app_words"],
    "phone app": [sys.executable, "-m", "tools.checks.phone_app"],
    "own rules": [*SEMGREP, "--error", *OWN_RULES],
    "own rules find what they should": [*SEMGREP, "--test", "tools/checks"],
    "migrations": [sys.executable, "-m", "tools.checks.migrations"],
}


def main() -> int:
    failed = [name for name, command in CHECKS.items() if not _passes(name, command)]
    print(f"\n{', '.join(failed)}: see above" if failed else "\nAll is well.")
    return 1 if failed else 0


def _passes(name: str, command: list[str]) -> bool:
    start = time.monotonic()
    process = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    mark = "ok    " if process.returncode == 0 else "FAILED"
    print(f"{mark} {name} ({time.monotonic() - start:.1f} s)", flush=True)
    if process.returncode != 0:
        print(process.stdout, process.stderr, sep="\n", flush=True)
    return process.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
