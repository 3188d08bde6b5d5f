"""`make messages`: collect the console's texts, and compile their translations."""

import sys

from tools.messages.catalog import update


def main() -> int:
    missing = update()
    for text in missing:
        print(f"not translated: {text}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
