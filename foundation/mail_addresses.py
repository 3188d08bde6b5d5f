"""E-mail addresses: which ones a letter can reach, their form on the wire, and how they compare.

The local part is a dot-atom of RFC 5322; the domain is a name that IDNA 2008 can encode, after the
mapping of UTS #46. Quoted local parts, numeric addresses and local parts outside ASCII are refused:
many mail servers have no SMTPUTF8, and a letter that no server takes would only be retried.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

import idna

LONGEST, LONGEST_LOCAL_PART = 254, 64  # octets, RFC 5321 §4.5.3.1
# Characters of a text that may be an address, with room for marks beside their letters. The time
# that normalising takes grows with the square of the marks: 60 KB of them stopped a process for
# three seconds, and strangers send what they like.
READ = 4 * LONGEST
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL_PART = re.compile(rf"{ATOM}(\.{ATOM})*")
# The last label of a host name is not all digits (RFC 3696 §2), or it would be an IP address.
HOST_NAME = re.compile(r"([a-z0-9-]+\.)+(?![0-9]+$)[a-z0-9-]{2,}")


class Unusable(ValueError):
    """No letter can be sent to this. The text says what to do."""


class Address(NamedTuple):
    """`domain` in its ASCII form (A-labels), in small letters."""

    local_part: str
    domain: str

    def on_the_wire(self) -> str:
        """As it stands in the header and in the envelope."""
        return f"{self.local_part}@{self.domain}"


def parse(text: str) -> Address:
    """Read an address. Blanks around it do not matter. Raises Unusable."""
    text = text.strip()
    if len(text) > READ:
        raise Unusable(f"An e-mail address has at most {LONGEST} characters.")
    local_part, at, domain = unicodedata.normalize("NFC", text).strip().rpartition("@")
    if not at or not local_part:
        raise Unusable("Enter an e-mail address like ana@example.org.")
    if not local_part.isascii():
        raise Unusable(
            "Mail cannot be sent to an address with these letters before the @. Enter another."
        )
    if not LOCAL_PART.fullmatch(local_part) or len(local_part) > LONGEST_LOCAL_PART:
        raise Unusable("The part before the @ is not that of an e-mail address.")
    address = Address(local_part, _a_labels(domain))
    if len(address.on_the_wire()) > LONGEST:
        raise Unusable(f"An e-mail address has at most {LONGEST} characters.")
    return address


def tidied(text: str) -> str:
    """The address as it is written, in NFC and without blanks around it. Raises Unusable."""
    parse(text)
    return unicodedata.normalize("NFC", text.strip()).strip()


def compared(text: str) -> str:
    """The form by which addresses are equal, counted and hashed. Never fails.

    Capitals, blanks around the address and the spelling of its domain do not matter. A text that is
    no address is compared by its first letters. Strangers send such texts, and each must count.
    """
    try:
        address = parse(text)
    except Unusable:
        storable = text.strip()[:READ].encode(errors="replace").decode().replace("\0", "")
        return "".join(unicodedata.normalize("NFKC", storable).casefold().split())
    return Address(address.local_part.lower(), address.domain).on_the_wire()


def _a_labels(domain: str) -> str:
    try:
        encoded = idna.encode(domain, uts46=True, transitional=False).decode().lower()
    except (idna.IDNAError, UnicodeError):
        raise Unusable("The part after the @ is not the name of a mail domain.") from None
    if not HOST_NAME.fullmatch(encoded):
        raise Unusable("The part after the @ is not the name of a mail domain.")
    return encoded
