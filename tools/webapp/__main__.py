"""`make webapp`: build the phone app and what the console runs into the folders that are committed
and served."""

import sys

from tools.local.errors import CannotStart
from tools.webapp.build import BUILT, CONSOLE, build, build_console


def main() -> int:
    try:
        sizes = build() + build_console()
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    print(sizes, f"Built into {BUILT} and {CONSOLE}", sep="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
