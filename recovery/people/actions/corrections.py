"""Correcting what is recorded about a person. The earlier value is kept and shown to them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework import serializers

from foundation.problems import Invalid, NotFound
from notifications import queue
from recovery.actions import ActionInput, Call, Refused, action, rule
from recovery.actions.fields import Text
from recovery.feed import publish, scopes
from recovery.feed.context import acting_as
from recovery.people import rules
from recovery.people.actions.accounts import join_library
from recovery.people.actions.inputs import NamePart
from recovery.people.actions.invitations import Invited, invite, unused_invitations
from recovery.people.codes import address_hash
from recovery.people.models import HumanName, Invitation, Person, StaffCorrection, StaffMember
from recovery.signin.models import User
from recovery.signin.notification_types import DEVICE_ALERT

LONGEST_VALUE = 1000  # of an earlier value, as it was shown


class Seen(serializers.DictField):
    """The values that the caller saw and corrects, by field, as the document has them."""

    child = Text(max_length=LONGEST_VALUE, allow_blank=True)


class CorrectedStaff(ActionInput):
    given_name = NamePart(required=False)
    family_name = NamePart(required=False)
    name_text = NamePart(required=False)
    phone = Text(max_length=40, allow_blank=True, required=False)


class CorrectStaff(ActionInput):
    """`expected`: each name that changes, as the caller saw it."""

    programme = serializers.UUIDField()
    user = serializers.UUIDField()
    changes = CorrectedStaff()
    expected = Seen(default=dict)
    reason = Text(max_length=500, allow_blank=True, default="")


@rule
def is_themselves(call: Call, data: dict[str, Any]) -> bool:
    """The member of staff themselves."""
    return bool(data["user"] == call.actor.id)


@action("people.correct_staff", input=CorrectStaff, allow=rules.administers | is_themselves)
def correct_staff(
    call: Call,
    *,
    programme: uuid.UUID,
    user: uuid.UUID,
    changes: dict[str, str],
    expected: dict[str, str],
    reason: str,
) -> None:
    """Correct the name or the telephone number of a member of staff.

    Refused: `conflict` if a colleague has corrected the same in the meantime.
    """
    rules.check_phone(changes.get("phone", ""))
    rows = StaffMember.objects.visible_to(call.actor).filter(scope_id=programme, user_id=user)
    row = rows.select_for_update(no_key=True, of=("self",)).first()
    if row is None:
        raise NotFound
    names = dict(altered(row, {n: v for n, v in changes.items() if n in rules.NAME_PARTS}))
    require_seen(row, names, expected)
    require_name(row, names)
    # Their contact data are in their own scope, and so is what was corrected.
    with acting_as(user):
        person = Person.objects.in_scope(user).get(id=user)
        for name, value in altered(person, changes):
            correction = StaffCorrection(
                scope_id=user,
                field=name,
                before=getattr(person, name),
                after=value,
                reason=reason,
                corrected_by=call.actor.id,
                corrected_at=call.now,
            )
            correction.save(force_insert=True)
            publish(correction)
        change_person(call, person, changes)
    if names:
        _set(row, names)


def altered(row: Any, changes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Those of the changes that make a difference."""
    return ((name, value) for name, value in changes.items() if getattr(row, name) != value)


def require_seen(row: Any, changes: Mapping[str, Any], expected: dict[str, str]) -> None:
    """Raises Invalid if an earlier value is missing. Refused: `conflict` if one is not current."""
    missing = [name for name in changes if name not in expected]
    if missing:
        raise Invalid(
            {"expected": [f"Please send the value that you saw of: {', '.join(missing)}."]}
        )
    stale = [name for name in changes if expected[name] != str(getattr(row, name))]
    if stale:
        raise Refused(
            "conflict",
            "A colleague has corrected this already: %(names)s. Please look again.",
            values={"names": ", ".join(stale)},
            current=row,
        )


def require_name(row: HumanName, changes: Mapping[str, Any]) -> None:
    """Raises Invalid if nothing would be left of the name."""
    if not any(changes.get(part, getattr(row, part)) for part in rules.NAME_PARTS):
        raise Invalid({"changes": ["Please leave a name. One name is enough."]})


def change_person(call: Call, person: Person, changes: Mapping[str, Any]) -> None:
    """Change the person's row and, where it changes, the language of their account."""
    fields = {n: v for n, v in changes.items() if n != "locale"}
    if any(altered(person, fields)):
        if "email" in fields:
            # They may not be the second person for a code that goes there.
            fields["email_by"] = call.actor.id
        _set(person, fields)
    if "locale" in changes:
        _change_language(person.id, changes["locale"])


def renew_invitation_after(
    call: Call, user_id: uuid.UUID, *, programme_id: uuid.UUID, email: str
) -> Invited | None:
    """After the address has changed: send an unused code again, to the new address.

    Without a new address, staff get the code to hand over. A code for an account that was used
    before waits again for the approval of a second member of staff: see `invite`. One that went
    to the confirmed address, which does not change, stays.
    """
    # Codes go to this address, so the owner's devices are alerted.
    with acting_as(user_id):
        queue.push(DEVICE_ALERT, scope_id=user_id)
    user = User.objects.get(id=user_id)
    sent = unused_invitations(user_id, programme_id).filter(by_email=True, expires_at__gt=call.now)
    waiting: Invitation | None = sent.first()
    if waiting is None or _goes_to(waiting, user.email):
        return None
    return invite(
        call,
        user,
        programme_id=programme_id,
        by_email=bool(email or user.email),
        resets_factors=waiting.resets_factors,
    )


def _goes_to(invitation: Invitation, confirmed: str | None) -> bool:
    """Whether the code was sent to the confirmed address, or will be once it is approved."""
    if confirmed is None:
        return False
    sent_to = invitation.sent_to
    is_sent_there = sent_to is not None and bytes(sent_to) == address_hash(confirmed)
    return invitation.waits_for_approval or is_sent_there


def _set(row: Any, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    publish(row)


def _change_language(user_id: uuid.UUID, locale: str) -> None:
    user = User.objects.select_for_update(no_key=True).get(id=user_id)
    if user.locale == locale:
        return
    scopes.revoke(scopes.scope_id(f"library:{user.locale}"), user.id)
    user.locale = locale
    user.save(update_fields=["locale"])
    join_library(user)
