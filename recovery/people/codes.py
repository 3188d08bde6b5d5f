"""One-use codes in letters and digits that are hard to confuse: 60 random bits to enrol, 40 to
confirm an address within ten minutes and five tries."""

from __future__ import annotations

import secrets
import uuid
from datetime import date

from django.utils.crypto import salted_hmac

from foundation.mail_addresses import compared

# Crockford's base 32, without I, L, O and U. A letter that looks like a digit is read as one.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, SHORT, GROUP = 12, 8, 4
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
SALT = "recovery.people.invitation"
ADDRESS_SALT = "recovery.people.address"


def new_code(length: int = LENGTH) -> str:
    """A code as it is shown: `7QMX-2RTA-9WPF`."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(length))
    return "-".join(letters[n : n + GROUP] for n in range(0, length, GROUP))


def normal(code: str) -> str:
    """The code in capitals, without hyphens and spaces, misread letters as digits."""
    return code.upper().translate(MISREAD)


def code_hash(code: str, date_of_birth: date | None = None) -> bytes:
    """The keyed hash that is stored. Invitations of earlier versions hold one that covers the
    patient's date of birth too."""
    born = date_of_birth.isoformat() if date_of_birth else ""
    return salted_hmac(SALT, f"{normal(code)} {born}", algorithm="sha256").digest()


def address_hash(address: str) -> bytes:
    """A keyed hash by which an address is recognised without being stored in clear."""
    return salted_hmac(ADDRESS_SALT, compared(address), algorithm="sha256").digest()


def address_code_hash(code: str, row_id: uuid.UUID) -> bytes:
    return salted_hmac(ADDRESS_SALT, f"{normal(code)} {row_id}", algorithm="sha256").digest()
