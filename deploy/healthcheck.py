"""Health check of a container: `http <url>` for processes that listen, `database` for the others.

A process that has ended needs no check, because its container ends with it.
"""

import os
import sys
import urllib.request

import psycopg


def main(kind: str, url: str = "") -> None:
    if kind == "http":
        urllib.request.urlopen(url, timeout=4).close()  # noqa: S310  # our own address
    else:
        role = os.environ["DATABASE_ROLE"]
        psycopg.connect(os.environ["DATABASE_URL"], user=role, connect_timeout=4).close()


if __name__ == "__main__":
    main(*sys.argv[1:])
