"""Generate the secrets for docker-compose.yml: `python3 deploy/make_secrets.py secrets`.

Existing files are kept, so running it again adds only missing ones. Needs only Python.
"""

import secrets
import sys
from pathlib import Path

ROLES = ("owner", "app", "jobs", "pump", "reserve")


def main(folder: Path) -> None:
    # The containers run as other users, so the files are readable and the folder is closed.
    folder.mkdir(mode=0o700, exist_ok=True)
    passwords = {name: _secret(folder / f"password_{name}") for name in ("postgres", *ROLES)}
    for role in ROLES:
        url = f"postgresql://{role}:{passwords[role]}@postgres:5432/handrail"
        _secret(folder / f"database_url_{role}", url)
    valkey = _secret(folder / "password_valkey")
    _secret(folder / "valkey_url", f"redis://:{valkey}@valkey:6379/0")
    _secret(folder / "secret_key")
    _secret(folder / "sealing_key")
    _secret(folder / "vapid_key")
    print(f"Put the Firebase Cloud Messaging service account into {folder / 'fcm.json'}")
    print(f"and the mail server's URL (smtp+tls://user:password@host) into {folder}/email_url")


def _secret(path: Path, text: str = "") -> str:
    """Return the file's content. Create it with `text` or 256 random bits if it is missing."""
    if not path.exists():
        path.write_text(text or secrets.token_urlsafe(32))
        path.chmod(0o444)
    return path.read_text()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
