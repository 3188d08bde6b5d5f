"""What a ceremony writes before anyone is signed in: e-mails and audit events."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from uuid_utils.compat import uuid7

from foundation.sealing import seal
from notifications.queue import letter_aad
from recovery.signin.models import User
from recovery.signin.notification_types import SIGN_IN_CODE

NOBODY = uuid.UUID(int=0)
REQUESTED = "SELECT code_requested(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
NOTED = "SELECT sign_in_noted(%s, %s, %s, %s, %s)"
CODE_LIFE = timedelta(minutes=10)


def code_requested(user: User | None, address: str, code: str) -> None:
    """Queue the e-mail with the code. For an address without an account, queue one that is never
    sent, so that the response takes just as long."""
    letter_id, now = uuid7(), timezone.now()
    person = user.id if user else uuid7()
    locale = user.locale if user else "en"
    content = {"address": address, "locale": locale, "context": {"code": code}}
    sealed = seal(letter_aad(letter_id, person), json.dumps(content).encode())
    kind = SIGN_IN_CODE
    _execute(
        REQUESTED,
        [letter_id, person, user is not None, kind.name, kind.mail, sealed, now],
        [now + CODE_LIFE, uuid7()],
    )


def noted(user: User | None, action: str, outcome: str) -> None:
    """Write an audit event about a failed attempt to sign in."""
    person = user.id if user else NOBODY
    _execute(NOTED, [uuid7(), person, action, outcome], [timezone.now()])


def _execute(sql: str, *parameters: list[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for part in parameters for value in part])  # type: ignore[misc]
