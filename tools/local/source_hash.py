"""One hash over everything that determines the schema and the shipped data."""

import hashlib

from tools.local.data_directory import CHECKOUT

CODE = ("recovery", "notifications", "foundation", "server")
DATA = ("content",)


def source_hash(*folders: str) -> str:
    """Hash the Python, SQL and YAML files in these folders, and the locked requirements."""
    sha256 = hashlib.sha256((CHECKOUT / "requirements.txt").read_bytes())
    for path in sorted(path for folder in folders for path in (CHECKOUT / folder).rglob("*")):
        if path.suffix in (".py", ".sql", ".yaml"):
            sha256.update(str(path.relative_to(CHECKOUT)).encode() + path.read_bytes())
    return sha256.hexdigest()[:16]
