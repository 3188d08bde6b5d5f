"""Stable names for what the server makes up: ids of phones, tokens, epochs.

The phone under test only ever hears the names and the server only its own words, so that a
vector made again is the same to the byte.
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
}
# A proof is signed anew for each request; any that the server accepts will do.
ANY = {"nonce": "any nonce", "signature": "any signature"}


class Names:
    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._count: dict[str, int] = {}

    def learn(self, value: Any) -> Any:
        """The server's words with its own names replaced; new ones are named on the way."""
        self._name_all(value)
        return swap(value, self._given)

    def back(self, value: Any) -> Any:
        """The phone's words as the server wants them."""
        return swap(value, {name: real for real, name in self._given.items()})

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
        if real not in self._given:
            self._count[label] = self._count.get(label, 0) + 1
            self._given[real] = f"{label}-{self._count[label]}"


def swap(value: Any, names: dict[str, str]) -> Any:
    """`value` with every text that is a name, also as a key, exchanged for what it stands for."""
    if isinstance(value, dict):
        return {names.get(key, key): swap(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [swap(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


def without_proof(body: Any) -> Any:
    """A request as a vector holds it."""
    if not isinstance(body, dict) or not isinstance(body.get("proof"), dict):
        return body
    return body | {"proof": body["proof"] | ANY}
