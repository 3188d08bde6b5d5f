"""What a phone keeps in its secure hardware: install id, data key, device key, tokens.

Nothing here is part of a backup. A phone restored from one therefore has another install id and
no tokens; only the data key travels (as a synced keychain item does), so that its owner can read
what was restored.
"""

import base64
import json
import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clients.phone import device

NONCE_BYTES = 12
MADE_AT_INSTALL = {
    "install": lambda: _random_text(16),
    "data_key": lambda: _random_text(32),
    "device_key": device.new_key,
}


class Keystore:
    """A small JSON file that is replaced as a whole, or memory when `path` is None."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._held: dict[str, Any] = {}
        if path and path.exists():
            self._held = json.loads(path.read_text())
        if not self.get("wiped"):
            self.provision()

    def provision(self) -> None:
        """Make an install id and keys, unless they are there."""
        missing = {name: make() for name, make in MADE_AT_INSTALL.items() if name not in self._held}
        if missing:
            self.put(**missing)

    def get(self, name: str) -> Any:
        return self._held.get(name)

    def put(self, **values: Any) -> None:
        """Store several values at once: a crash leaves all of the old or all of the new."""
        self._replace({**self._held, **values})

    def erase(self, **keep: Any) -> None:
        """Forget every key and token; only `keep` remains."""
        self._replace(keep)

    def _replace(self, held: dict[str, Any]) -> None:
        if self.path:
            _write_whole(self.path, json.dumps(held))
        self._held = held

    def seal(self, value: Any, about: str) -> bytes:
        """Encrypt a JSON value; it opens only again for the same `about`."""
        return self.seal_bytes(json.dumps(value).encode(), about)

    def open(self, sealed: bytes, about: str) -> Any:
        return json.loads(self.open_bytes(sealed, about))

    def seal_bytes(self, plain: bytes, about: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, plain, about.encode())

    def open_bytes(self, sealed: bytes, about: str) -> bytes:
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return self._cipher().decrypt(nonce, rest, about.encode())

    def _cipher(self) -> AESGCM:
        return AESGCM(base64.urlsafe_b64decode(self._held["data_key"]))


def _random_text(size: int) -> str:
    return base64.urlsafe_b64encode(os.urandom(size)).decode()


def _write_whole(path: Path, content: str) -> None:
    beside = path.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
