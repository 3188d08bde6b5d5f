"""What a ceremony writes before anyone is signed in: e-mails and audit events."""

from __future__ import annotations

import json

from django.utils import timezone
from uuid_utils.compat import uuid7

from foundation.postgresql import functions
from foundation.sealing import seal
from notifications.queue import letter_aad
from recovery.signin.models import NOBODY, User
from recovery.signin.notification_types import SIGN_IN_CODE


def queue_code(user: User | None, address: str, code: str) -> None:
    """Queue the e-mail with the code. For an address without an account, queue one that is never
    sent, so that the response takes just as long."""
    letter_id, now = uuid7(), timezone.now()
    person = user.id if user else uuid7()
    locale = user.locale if user else "en"
    content = {"address": address, "locale": locale, "context": {"code": code}}
    sealed = seal(letter_aad(letter_id, person), json.dumps(content).encode())
    functions.run(
        "code_requested",
        letter=letter_id,
        person=person,
        is_known=user is not None,
        type=SIGN_IN_CODE.name,
        mail=SIGN_IN_CODE.mail,
        sealed=sealed,
        at=now,
        expires=now + SIGN_IN_CODE.ttl,
        event=uuid7(),
    )


def audit_refusal(user: User | None, action: str) -> None:
    """Write an audit event about a failed attempt to sign in."""
    functions.run(
        "sign_in_noted",
        event=uuid7(),
        person=user.id if user else NOBODY,
        action=action,
        outcome="refused",
        at=timezone.now(),
    )
