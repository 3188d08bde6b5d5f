"""The phone app and its library: built files, types, and the tests that need no browser.
`python -m tools.checks.phone_app` prints what is wrong and ends with 1 where something is.
"""

import sys

from tools.local.errors import CannotStart
from tools.webapp.build import (
    BUILT,
    CONSOLE,
    built_from,
    run_tests,
    sources_hash,
    typecheck,
)


def main() -> int:
    for folder in (BUILT, CONSOLE):
        if built_from(folder) != sources_hash(folder):
            print(f"The sources of {folder.name} have changed: run make webapp.")
            return 1
    try:
        typecheck()
        run_tests()
    except CannotStart as problem:
        print(problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
