"""What a ceremony writes before anyone is signed in: e-mails, audit events, and counts.

Strangers must not be able to fill tables. What they try is counted, in one row for each network,
hour and action. What concerns an account becomes an audit event too, at most `AUDITED` times an
hour for each account, action and outcome. Each outcome is also a line in the log.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import structlog
from django.utils import timezone
from uuid_utils.compat import uuid7

from foundation.postgresql import functions
from foundation.sealing import seal
from notifications.queue import letter_aad
from recovery.limits.limit import hashed
from recovery.limits.network import networks
from recovery.signin.models import User
from recovery.signin.notification_types import SIGN_IN_CODE

AUDITED = 20

log = structlog.get_logger()


def queue_code(request: Any, user: User | None, address: str, code: str) -> None:
    """Queue the e-mail with the code. For an address without an account the same is done, so that
    the response takes just as long, but nothing stays of it except a count."""
    letter_id, now = uuid7(), timezone.now()
    person = user.id if user else uuid7()
    locale = user.locale if user else "en"
    content = {"address": address, "locale": locale, "context": {"code": code}}
    sealed = seal(letter_aad(letter_id, person), json.dumps(content).encode())
    functions.run(
        "queue_sign_in_code",
        letter=letter_id,
        person=person,
        is_known=user is not None,
        letter_type=SIGN_IN_CODE.name,
        mail=SIGN_IN_CODE.mail,
        sealed=sealed,
        at=now,
        expires=now + SIGN_IN_CODE.ttl,
    )
    outcome = "applied" if user else "unknown"
    note_attempt(request, "people.request_code", outcome, user=user, now=now)


def note_attempt(
    request: Any, action: str, outcome: str, *, user: User | None = None, now: datetime
) -> None:
    """Count an attempt to sign in; for a known account, it is also an audit event."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    functions.run(
        "note_sign_in_attempt",
        # The widest network, so that one IPv6 customer has one row and not 65,536.
        network=bytes.fromhex(hashed(networks(request)[-1])),
        hour=hour,
        action=action,
        outcome=outcome,
        event=uuid7(),
        person=user.id if user else uuid7(),
        is_known=user is not None,
        most=AUDITED,
        at=now,
    )
    # Not whether the account is known: who reads the log learns no more than the client.
    shown = "refused" if outcome == "refused" else "requested"
    log.info("sign_in_attempt", action=action, outcome=shown)


def audit_refusal(request: Any, user: User | None, action: str) -> None:
    """Note a failed attempt to sign in."""
    note_attempt(request, action, "refused", user=user, now=timezone.now())
