"""`make types`: write the types of clients/handrail-js from its openapi.json."""

import sys

from tools.local.errors import CannotStart
from tools.webapp.build import write_types

if __name__ == "__main__":
    try:
        write_types()
    except CannotStart as problem:
        sys.exit(str(problem))
