"""How often each thing may be asked, in one place.

`ROUTES` names for every URL what it is limited by: `tests/architecture/test_limits.py` asks each
once and looks whether that was counted. Signed-in requests are limited by device (a signed-in
install) and by account, never by address: thousands of phones share one at a mobile carrier.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from recovery.people.limits import Limit, Use, WithoutValkey

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# A code of 60 bits cannot be guessed; somebody who has one could guess the date of birth.
ENROLMENT_CODE = Limit("enrolment.code", 5, DAY)
ENROLMENT_NETWORK = Limit("enrolment.network", 600, HOUR)
ENROLMENT_ALL = Limit("enrolment.all", 2_000, HOUR)

# Letters to one address: enough for a forgetful day, too few to bury somebody's mail box.
CODE_ADDRESS = Limit("code.address", 5, timedelta(minutes=15))
CODE_ADDRESS_DAY = Limit("code.address_day", 20, DAY)
CODE_NETWORK = Limit("code.network", 100, HOUR)
CODE_ALL = Limit("code.all", 10_000, HOUR)

# Tries to finish a ceremony: with a code, a passkey or a second factor.
PROOF_CEREMONY = Limit("proof.ceremony", 30, timedelta(minutes=15))
PROOF_ACCOUNT = Limit("proof.account", 10, timedelta(minutes=15))
PROOF_NETWORK = Limit("proof.network", 300, HOUR)

# Tokens of 256 bits cannot be guessed either; this keeps noise from costing much.
REFRESH_FAILED = Limit("refresh.failed", 120, timedelta(minutes=10), without_valkey="open")
RECEIPT = Limit("wipe.receipt", 60, HOUR, without_valkey="open")
# These and those of ACTIONS are counted inside a transaction that a refusal rolls back: never in
# PostgreSQL.
STRANGER = Limit("stranger.network", 3_000, timedelta(minutes=10), without_valkey="open")
# The descriptions of the API are made anew for whoever asks.
DOCUMENT = Limit("document.network", 120, MINUTE, without_valkey="open")


@dataclass(frozen=True)
class Traffic:
    """Signed-in requests of one kind. The device's limit comes first: what is refused there is
    not held against the person's other devices."""

    device: Limit
    account: Limit

    def uses(self, session_id: uuid.UUID, user_id: uuid.UUID) -> tuple[Use, Use]:
        """One request from this device of this person."""
        return Use(self.device, str(session_id)), Use(self.account, str(user_id))


def traffic(
    name: str, device: int, account: int, per: timedelta, without_valkey: WithoutValkey = "open"
) -> Traffic:
    def limit(whose: str, most: int) -> Limit:
        return Limit(f"{name}.{whose}", most, per, without_valkey, is_traffic=True)

    return Traffic(limit("device", device), limit("account", account))


# A phone with a week's outbox pushes some ten times and pulls some twenty pages at once; one in a
# busy group pulls every few seconds. These are several times as much.
PULL = traffic("pull", 240, 960, MINUTE)
PUSH = traffic("push", 240, 960, MINUTE)
# Once for a copy of the data; compared once a day.
REGISTER = traffic("register", 30, 120, HOUR)
DIGEST = traffic("digest", 60, 240, HOUR)
# A page of what has left the feed, as somebody scrolls back.
HISTORY = traffic("history", 120, 480, MINUTE)
# Sockets open again after every change of network.
TICKET = traffic("ticket", 60, 240, MINUTE)
SOCKET = traffic("socket", 60, 240, MINUTE)
ACTIONS = traffic("actions", 240, 960, MINUTE)
# A hundred pictures of a week offline at once, and a gallery scrolled through; 600 MB an hour from
# a device, 2 GB a day from a person.
BLOB = traffic("blob", 300, 600, HOUR)
BLOB_PIECE = Traffic(
    Limit("blob_piece.device", 2_400, HOUR, "open", is_traffic=True),
    Limit("blob_piece.account", 8_000, DAY, "open", is_traffic=True),
)
BLOB_READ = traffic("blob_read", 600, 2_400, timedelta(minutes=10))
# Screens of staff, lists of one's own.
READS = traffic("reads", 300, 1_200, MINUTE)
# Ending a session must work while Valkey is away, and no oftener than otherwise.
ACCOUNT = traffic("account", 120, 240, timedelta(minutes=15), without_valkey="postgres")

CODES = (CODE_ADDRESS, CODE_ADDRESS_DAY, CODE_NETWORK, CODE_ALL)
PROOFS = (PROOF_CEREMONY, PROOF_NETWORK)
ACTION_PATH = "api/v1/actions/"
ROUTES: dict[str, Traffic | tuple[Limit, ...]] = {
    "api/v1/sync/pull": PULL,
    "api/v1/sync/push": PUSH,
    "api/v1/sync/clients": REGISTER,
    "api/v1/sync/digest": DIGEST,
    "api/v1/sync/history": HISTORY,
    "api/v1/live/ticket": TICKET,
    "ws/v1/live": SOCKET,
    "api/v1/blobs": BLOB,
    "api/v1/blobs/pieces": BLOB_PIECE,
    "api/v1/blobs/read": BLOB_READ,
    "api/v1/enrolment": (ENROLMENT_CODE, ENROLMENT_NETWORK, ENROLMENT_ALL),
    "api/v1/sessions": ACCOUNT,
    "api/v1/sessions/refresh": (REFRESH_FAILED,),
    "api/v1/sessions/sign-out": ACCOUNT,
    "api/v1/sessions/wipe-receipt": (RECEIPT,),
    "api/v1/sessions/<uuid:session_id>/revoke": ACCOUNT,
    "auth/app/v1/auth/code/request": CODES,
    "auth/app/v1/auth/code/confirm": PROOFS,
    "auth/app/v1/auth/code/resend": PROOFS,
    "auth/app/v1/auth/2fa/authenticate": PROOFS,
    "auth/app/v1/auth/webauthn/authenticate": PROOFS,
    "auth/app/v1/auth/webauthn/login": PROOFS,
    "auth/app/v1/auth/2fa/reauthenticate": PROOFS,
    "auth/app/v1/auth/webauthn/reauthenticate": PROOFS,
    "auth/app/v1/account/authenticators": PROOFS,
    "auth/app/v1/account/authenticators/totp": PROOFS,
    "auth/app/v1/account/authenticators/webauthn": PROOFS,
    "auth/app/v1/account/authenticators/recovery-codes": PROOFS,
    "api/schema": (DOCUMENT,),
    "api/docs": (DOCUMENT,),
    "api/asyncapi": (DOCUMENT,),
    # For the platform, which asks as often as it likes; one `SELECT 1` at most.
    "healthz": (),
    "readyz": (),
}


def limits_of(route: str) -> Traffic | tuple[Limit, ...]:
    """What limits the URL whose pattern is `route`. Lists of rows are read alike."""
    if route.startswith(ACTION_PATH):
        return ACTIONS
    return ROUTES.get(route, READS)
