"""One hash over everything that decides what the database looks like."""

import hashlib

from tools.local.place import CHECKOUT

CODE = ("recovery", "notifications", "foundation", "server")
DATA = ("content",)


def shape(*folders: str) -> str:
    """Changes with any Python, SQL or YAML file in these folders, and with the libraries."""
    digest = hashlib.sha256((CHECKOUT / "requirements.txt").read_bytes())
    for path in sorted(path for folder in folders for path in (CHECKOUT / folder).rglob("*")):
        if path.suffix in (".py", ".sql", ".yaml"):
            digest.update(str(path.relative_to(CHECKOUT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
