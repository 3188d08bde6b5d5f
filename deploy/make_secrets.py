"""Write a fresh set of secrets for docker-compose.yml: `python3 deploy/make_secrets.py secrets`.

Existing files are kept, so running it again adds only what is missing. Needs nothing but Python.
"""

import secrets
import sys
from pathlib import Path

ROLES = ("owner", "app", "jobs", "pump")


def main(folder: Path) -> None:
    # The containers' users are not ours, so the files are open and the folder is closed.
    folder.mkdir(mode=0o700, exist_ok=True)
    passwords = {name: _kept(folder / f"password_{name}") for name in ("postgres", *ROLES)}
    for role in ROLES:
        url = f"postgresql://{role}:{passwords[role]}@postgres:5432/handrail"
        _kept(folder / f"database_url_{role}", url)
    valkey = _kept(folder / "password_valkey")
    _kept(folder / "valkey_url", f"redis://:{valkey}@valkey:6379/0")
    _kept(folder / "secret_key")
    _kept(folder / "sealing_key")
    print(f"Put the service account of Firebase Cloud Messaging into {folder / 'fcm.json'}")
    print(f"and the mail server's address (smtp+tls://user:password@host) into {folder}/email_url")


def _kept(path: Path, text: str = "") -> str:
    """What the file says; written with `text`, or 256 random bits, when there is none."""
    if not path.exists():
        path.write_text(text or secrets.token_urlsafe(32))
        path.chmod(0o444)
    return path.read_text()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
