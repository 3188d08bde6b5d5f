"""What a phone keeps in its secure hardware: install id, data key, device key, tokens.

Backups do not contain it. A phone restored from a backup therefore has a new install id and no
tokens. Only the data key is restored (as a synced keychain item would be), so that the user can
read the restored data.
"""

import base64
import json
import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clients.phone import device

NONCE_BYTES = 12
GENERATED_AT_INSTALL = {
    "install": lambda: _random_text(16),
    "data_key": lambda: _random_text(32),
    "device_key": device.new_key,
}


class Keystore:
    """A small JSON file that is replaced as a whole; kept in memory if `path` is None."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._values: dict[str, Any] = {}
        if path and path.exists():
            self._values = json.loads(path.read_text())
        if not self.get("wiped"):
            self.provision()

    def provision(self) -> None:
        """Generate the install id and keys that are missing."""
        missing = {
            name: generate()
            for name, generate in GENERATED_AT_INSTALL.items()
            if name not in self._values
        }
        if missing:
            self.put(**missing)

    def get(self, name: str) -> Any:
        return self._values.get(name)

    def put(self, **values: Any) -> None:
        """Store several values atomically: a crash leaves all old or all new values."""
        self._replace({**self._values, **values})

    def erase(self, **keep: Any) -> None:
        """Delete everything except `keep`."""
        self._replace(keep)

    def _replace(self, values: dict[str, Any]) -> None:
        if self.path:
            temporary = self.path.with_suffix(".new")
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(json.dumps(values))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        self._values = values

    def seal(self, value: Any, about: str) -> bytes:
        """Encrypt a JSON value. It can only be opened with the same `about`."""
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
        return AESGCM(base64.urlsafe_b64decode(self._values["data_key"]))


def _random_text(size: int) -> str:
    return base64.urlsafe_b64encode(os.urandom(size)).decode()
