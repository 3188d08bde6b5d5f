"""The phone app and its library: built files, types, and the tests that need no browser.
`python -m tools.checks.phone_app` prints what is wrong and ends with 1 where something is.
"""

import sys

from tools.local.errors import CannotStart
from tools.webapp.build import built_from, run_tests, sources_hash, typecheck


def main() -> int:
    if built_from() != sources_hash():
        print("The sources of the phone app have changed: run make webapp.")
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
