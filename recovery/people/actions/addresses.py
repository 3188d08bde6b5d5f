"""The address with which a person signs in: confirmed by a code that was sent there."""

from __future__ import annotations

import hmac
import uuid
from datetime import timedelta
from typing import Any, cast

from uuid_utils.compat import uuid7

from foundation.mail_addresses import compared
from foundation.postgresql import functions
from foundation.problems import SlowDown
from foundation.resealing import Place, column
from foundation.sealing import AssociatedData, seal, unseal
from notifications import queue
from recovery.actions import ActionInput, Call, Refused, action
from recovery.actions.fields import MailAddress, Text
from recovery.people.codes import SHORT, address_code_hash, new_code
from recovery.people.models import AddressCode, Person
from recovery.people.notification_types import (
    ADDRESS_CHANGED,
    ADDRESS_CODE,
    ADDRESS_CODE_LIFE,
    ADDRESS_TAKEN,
)
from recovery.signin.models import User
from recovery.signin.notification_types import DEVICE_ALERT
from recovery.signin.rules import has_session, proved_recently

TRIES = 5
# Letters to addresses that their owner may not have asked for.
CODES, WITHIN = 5, timedelta(hours=1)


class RequestAddressCode(ActionInput):
    """`email` left out: the address that the programme has recorded."""

    email = MailAddress(required=False)


class ConfirmAddress(ActionInput):
    code = Text(max_length=40)


@action(
    "people.request_address_code",
    input=RequestAddressCode,
    allow=has_session & proved_recently,
)
def request_address_code(call: Call, *, email: str | None = None) -> dict[str, str]:
    """Send a code to an address with which the person wants to sign in.

    Nothing shows whether another account has the address: only the letter says so, to those who
    read it. Refused: `no_address`.
    """
    mine = Person.objects.in_scope(call.actor.id)
    recorded = mine.filter(id=call.actor.id).values_list("email", flat=True).first()
    address = email or recorded or ""
    if not address:
        raise Refused("no_address", "Please type an e-mail address.")
    _limit(call)
    row = AddressCode(
        id=uuid7(),
        scope_id=call.actor.id,
        session_id=cast("uuid.UUID", call.session_id),  # has_session
        created_at=call.now,
        expires_at=call.now + ADDRESS_CODE_LIFE,
        tries_left=TRIES,
    )
    code = new_code(SHORT)
    row.sealed, row.code_hash = seal(_aad(row), address.encode()), address_code_hash(code, row.id)
    row.save(force_insert=True)
    user = User.objects.get(id=call.actor.id)
    letter: dict[str, Any] = {"address": address, "scope_id": user.id, "locale": user.locale}
    if _is_taken(user.id, compared(address)):
        queue.email(ADDRESS_TAKEN, **letter)
    else:
        queue.email(ADDRESS_CODE, **letter, context={"code": code})
    return {"expires_at": row.expires_at.isoformat()}


@action("people.confirm_address", input=ConfirmAddress, allow=has_session)
def confirm_address(call: Call, *, code: str) -> dict[str, Any]:
    """Type in the code: the address then signs the person in, in place of an earlier one.

    Returns `confirmed`, and `tries_left` if the code is wrong. A wrong code is no refusal, because
    a refusal would take back that the try was counted. Refused: `code_over`.
    """
    session_id = cast("uuid.UUID", call.session_id)  # has_session
    rows = AddressCode.objects.in_scope(call.actor.id).filter(session_id=session_id)
    row = rows.select_for_update(no_key=True).order_by("-created_at").first()
    if row is None or row.used_at or row.tries_left < 1 or call.now >= row.expires_at:
        raise _over()
    if not hmac.compare_digest(bytes(row.code_hash), address_code_hash(code, row.id)):
        row.tries_left -= 1
        row.save(update_fields=["tries_left"])
        return {"confirmed": False, "tries_left": row.tries_left}
    earlier = User.objects.get(id=call.actor.id).email
    address = compared(unseal(_aad(row), bytes(row.sealed)).decode())
    if not claim_address(call.actor.id, address):
        raise _over()
    row.used_at = call.now
    row.save(update_fields=["used_at"])
    queue.push(DEVICE_ALERT, scope_id=call.actor.id)
    if earlier and earlier != address:
        locale = User.objects.get(id=call.actor.id).locale
        queue.email(ADDRESS_CHANGED, address=earlier, scope_id=call.actor.id, locale=locale)
    return {"confirmed": True}


def claim_address(user_id: uuid.UUID, address: str) -> bool:
    """Make the address, as it is `compared`, the person's sign-in name. False if another account
    signs in with it.

    Call it only for an address that the person has proved to read.
    """
    [(is_theirs,)] = functions.call("claim_address", claimant=user_id, address=address)
    return bool(is_theirs)


def _is_taken(user_id: uuid.UUID, address: str) -> bool:
    others = User.objects.filter(email=address, is_active=True).exclude(id=user_id)
    return bool(others.exists())


def _limit(call: Call) -> None:
    """Raises SlowDown: too many codes were requested within the hour."""
    rows = AddressCode.objects.in_scope(call.actor.id)
    recent = rows.filter(created_at__gt=call.now - WITHIN).order_by("created_at")
    requested = list(recent.values_list("created_at", flat=True))
    if len(requested) >= CODES:
        raise SlowDown(max(1, int((requested[0] + WITHIN - call.now).total_seconds())))


def _over() -> Refused:
    return Refused("code_over", "This code no longer works. Please ask for a new one.")


def _aad(row: AddressCode) -> AssociatedData:
    return AssociatedData("recovery_addresscode", "sealed", row.id, row.scope_id)


SEALED = Place("addresses to confirm", AddressCode.objects.all, column("sealed", _aad))
