"""Stable names for the values that the server generates: client ids, tokens, epochs.

The phone under test sees only the names and the server only its own values. So a vector that is
recorded again has the same bytes.
"""

from __future__ import annotations

from typing import Any

LABELS = {
    "client_id": "client",
    "epoch": "epoch",
    "access_token": "access",
    "refresh_token": "refresh",
    "session": "session",
    "receipt": "receipt",
    "upload": "upload",
    "ticket": "ticket",
}
# Each request has a new proof. A vector accepts any.
ANY = {"nonce": "any nonce", "signature": "any signature"}


class Names:
    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._count: dict[str, int] = {}

    def learn(self, value: Any) -> Any:
        """An answer of the server with its values replaced by names. New values get a name."""
        self._name_all(value)
        return swap(value, self._names)

    def back(self, value: Any) -> Any:
        """A request of the phone with the names replaced by the server's values."""
        return swap(value, {name: real for real, name in self._names.items()})

    def _name_all(self, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in LABELS and isinstance(inner, str):
                    self._name(LABELS[key], inner)
                self._name_all(inner)
        elif isinstance(value, list):
            for inner in value:
                self._name_all(inner)

    def _name(self, label: str, real: str) -> None:
        if real not in self._names:
            self._count[label] = self._count.get(label, 0) + 1
            self._names[real] = f"{label}-{self._count[label]}"


def swap(value: Any, names: dict[str, str]) -> Any:
    """Replace every string in `value`, keys included, that is a key of `names`."""
    if isinstance(value, dict):
        return {names.get(key, key): swap(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [swap(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


def without_proof(body: Any) -> Any:
    """A request body as a vector stores it."""
    if not isinstance(body, dict) or not isinstance(body.get("proof"), dict):
        return body
    return body | {"proof": body["proof"] | ANY}
