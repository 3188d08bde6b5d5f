"""`make webapp`: build the phone app into the folder that is committed and served."""

import sys

from tools.local.errors import CannotStart
from tools.webapp.build import BUILT, build


def main() -> int:
    try:
        sizes = build()
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    print(sizes, f"Built into {BUILT}", sep="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
