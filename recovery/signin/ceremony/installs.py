"""Phones that have signed in to an account before."""

from __future__ import annotations

from foundation.postgresql import functions
from recovery.signin.tokens import sha256


def is_known_install(address: str, install: str) -> bool:
    """Whether the phone with this secret has signed in to the account with this address before.

    One statement, whether or not there is such an account.
    """
    row = functions.first("is_known_install", address=address, by_install=sha256(install))
    return bool(row and row[0])
