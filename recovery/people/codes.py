"""One-use enrolment codes: 60 random bits in letters and digits that are hard to confuse."""

from __future__ import annotations

import secrets
from datetime import date

from django.utils.crypto import salted_hmac

# Crockford's base 32, without I, L, O and U. A letter that looks like a digit is read as one.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 12, 4
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
SALT = "recovery.people.invitation"


def new_code() -> str:
    """A code as it is shown: `7QMX-2RTA-9WPF`."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[n : n + GROUP] for n in range(0, LENGTH, GROUP))


def normal(code: str) -> str:
    """The code in capitals, without hyphens and spaces, misread letters as digits."""
    return code.upper().translate(MISREAD)


def code_hash(code: str, date_of_birth: date | None = None) -> bytes:
    """The keyed hash that is stored. Invitations of earlier versions hold one that covers the
    patient's date of birth too."""
    born = date_of_birth.isoformat() if date_of_birth else ""
    return salted_hmac(SALT, f"{normal(code)} {born}", algorithm="sha256").digest()
