"""Correcting what a record says about the person, by staff or at the person's own request."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from rest_framework import serializers
from uuid_utils.compat import uuid7

from foundation.text import is_visible
from notifications import queue
from recovery.actions import ActionInput, Answer, Call, Ref, Refused, SelfReport, action
from recovery.actions.fields import MailAddress, Text
from recovery.care import queries
from recovery.care.actions.doubles import require_no_other
from recovery.care.models import CareRecord, CorrectionRequest, RecordCorrection
from recovery.care.models.correction import CORRECTABLE, OTHER
from recovery.care.notification_types import CORRECTION_ASKED, RECORD_CORRECTED
from recovery.care.rules import access
from recovery.feed import publish
from recovery.feed.context import acting_as
from recovery.people import roles, rules
from recovery.people.actions.corrections import (
    CorrectedStaff,
    Seen,
    altered,
    change_person,
    renew_invitation_after,
    require_name,
    require_seen,
)
from recovery.people.actions.inputs import BirthDate, NamePart
from recovery.people.actions.invitations import require_age
from recovery.people.models import Person


class CorrectedPerson(CorrectedStaff):
    called = NamePart(required=False)
    date_of_birth = BirthDate(required=False)
    email = MailAddress(allow_blank=True, required=False)
    locale = serializers.ChoiceField(choices=rules.LOCALES, required=False)


class CorrectPerson(ActionInput):
    """`changes`: the fields to correct. `expected`: each of them as the caller saw it, so that two
    colleagues do not overwrite each other. `request`: what the person asked for, if they did.
    `separate`: although the programme has a record with the same name and date of birth, of another
    person or to be linked with this one.
    """

    record = Ref(CareRecord, lock=True)
    changes = CorrectedPerson()
    expected = Seen()
    reason = Text(max_length=500, allow_blank=True, default="")
    request = Ref(CorrectionRequest, required=False, lock=True)
    separate = serializers.BooleanField(default=False)


@action("care.correct_person", input=CorrectPerson, allow=access.is_on_care_team)
def correct_person(
    call: Call,
    *,
    record: CareRecord,
    changes: dict[str, Any],
    expected: dict[str, str],
    reason: str,
    separate: bool,
    request: CorrectionRequest | None = None,
) -> Answer:
    """Correct a person's name, date of birth, e-mail address, telephone number or language.

    The earlier values stay, and the person sees them. Consents keep the name that was signed. An
    address with which a person signs in does not change. A code that is not used yet works with
    the new date of birth; if it was sent to an address that changes, it stops working and a new
    one goes to the new address, or to staff where there is none. For an account that was used
    before, the new one waits for a colleague's approval again.
    Refused: `conflict`, `under_age`, `known_already`, `answered` (the request).
    """
    rules.check_phone(changes.get("phone", ""))
    news = dict(altered(record, changes))
    require_seen(record, news, expected)
    require_name(record, news)
    if "date_of_birth" in news:
        today = queries.today(record.programme, call.now)
        require_age(news["date_of_birth"], today, record.programme.minimum_age)
    rows = [_correction(record, name, value, reason, request, call) for name, value in news.items()]
    for row in rows:
        row.save(force_insert=True)
        publish(row)
    invited = _apply(record, news, call)
    if not separate and news.keys() & {*rules.NAME_PARTS, "date_of_birth"}:
        require_no_other(record)
    if request is not None:
        _answer(call, request, "accepted", reason)
    elif news:
        queue.push(RECORD_CORRECTED, scope_id=record.scope_id, role=roles.PATIENT)
    answer: dict[str, Any] = {"corrections": [str(row.id) for row in rows]}
    if invited is None:
        return Answer(answer)
    return Answer(answer | {"invitation": str(invited.invitation_id)}, once=invited.once())


class RequestCorrection(SelfReport):
    """`field`: a code that the app knows, such as `date_of_birth`. `wanted`: in the person's words,
    what is wrong and what would be right."""

    about = ("record",)
    own = ("wanted",)
    by_app = ("id", "field")

    id = serializers.UUIDField(default=uuid7)
    record = Ref(CareRecord)
    field = Text(max_length=200, allow_blank=True, default=OTHER)
    wanted = Text(max_length=4000)


@action("care.request_correction", input=RequestCorrection, allow=access.is_own_record)
def request_correction(
    call: Call, *, id: uuid.UUID, record: CareRecord, field: str, wanted: str
) -> dict[str, str]:
    """Ask the care team to correct the record (45 CFR 164.526). They answer within 60 days."""
    request = CorrectionRequest(
        id=id,
        scope_id=record.scope_id,
        record=record,
        # The words count, whatever an app of a later version calls the field.
        field=field if field in CORRECTABLE else OTHER,
        asked_field=field,
        wanted=wanted,
        asked_at=call.occurred_at,
        unread=call.unread or None,
    )
    request.save(force_insert=True)
    publish(request)
    queue.push(CORRECTION_ASKED, scope_id=record.scope_id, except_user=call.actor.id)
    return {"correction_request": str(request.id)}


class AnswerCorrectionRequest(ActionInput):
    """`reason`: for the person to read. A refusal needs one."""

    request = Ref(CorrectionRequest, lock=True)
    accepted = serializers.BooleanField()
    reason = Text(max_length=1000, allow_blank=True, default="")

    def validate(self, attrs: Any) -> Any:
        if not attrs["accepted"] and not is_visible(attrs["reason"]):
            raise serializers.ValidationError({"reason": ["Please tell the person why."]})
        return attrs


@action(
    "care.answer_correction_request",
    input=AnswerCorrectionRequest,
    allow=access.answers_corrections,
)
def answer_correction_request(
    call: Call, *, request: CorrectionRequest, accepted: bool, reason: str
) -> None:
    """Answer what a person asked to have corrected. `care.correct_person` with this request
    corrects and accepts at once. Refused: `answered`."""
    _answer(call, request, "accepted" if accepted else "declined", reason)


def _answer(call: Call, request: CorrectionRequest, state: str, reason: str) -> None:
    if request.state != "open":
        raise Refused("answered", "This request has been answered already.", current=request)
    request.state, request.answer = state, reason
    request.answered_by, request.answered_at = call.actor.id, call.now
    request.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    publish(request)
    queue.push(RECORD_CORRECTED, scope_id=request.scope_id, role=roles.PATIENT)


def _correction(
    record: CareRecord,
    name: str,
    value: str | date,
    reason: str,
    request: CorrectionRequest | None,
    call: Call,
) -> RecordCorrection:
    return RecordCorrection(
        scope_id=record.scope_id,
        record=record,
        request=request,
        field=name,
        before=str(getattr(record, name)),
        after=str(value),
        reason=reason,
        corrected_by=call.actor.id,
        corrected_at=call.now,
    )


def _apply(record: CareRecord, changes: dict[str, Any], call: Call) -> Any:
    if not changes:
        return None
    for name, value in changes.items():
        setattr(record, name, value)
    record.save(update_fields=list(changes))
    publish(record)
    # The person's own row, and the library that they read, are theirs alone.
    with acting_as(record.user_id):
        person = Person.objects.in_scope(record.user_id).get(id=record.user_id)
        change_person(call, person, changes)
    if "email" not in changes:
        return None
    return renew_invitation_after(
        call, record.user_id, programme_id=record.programme_id, email=changes["email"]
    )
