"""The daily check-in: written in parts, from several phones, until staff sign it."""

from __future__ import annotations

import json
import uuid
from datetime import date
from typing import Any, Unpack

from django.core.serializers.json import DjangoJSONEncoder

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.self_reports import CLOCK_FIELDS
from recovery.care.models import CareRecord
from recovery.care.rules.access import is_own_record
from recovery.feed import publish
from recovery.feed.documents import seq_of
from recovery.practice.actions.check_in_input import Answers, RecordCheckIn
from recovery.practice.models import CheckIn, CheckInVersion
from recovery.practice.rules.access import treats
from recovery.practice.rules.check_in import answers_of, changes


@action("practice.record_check_in", input=RecordCheckIn, allow=is_own_record)
def record_check_in(
    call: Call,
    *,
    id: uuid.UUID,
    record: CareRecord,
    local_date: date,
    slot: str,
    time_zone: str,
    # A mapping, because an answer that was not sent is not the same as null.
    **answers: Unpack[Answers],
) -> dict[str, str | list[str]]:
    """Write answers of a day. The last push wins for each field, and what it replaced is kept.

    `replaced_unseen` in the response: answers of another phone that this phone had not seen when
    it replaced them. Refused: `locked` once the care team has signed the day.
    """
    empty = CheckIn(
        id=id,
        scope_id=record.scope_id,
        user_id=call.actor.id,
        local_date=local_date,
        slot=slot,
        recorded_at=call.occurred_at,
        received_at=call.now,
    )
    # Insert, then read and lock: two phones that start a day at the same time get the same row.
    CheckIn.objects.bulk_create([empty], ignore_conflicts=True)
    rows = CheckIn.objects.in_scope(record.scope_id).select_for_update(no_key=True, of=("self",))
    check_in = rows.get(id=id)
    if check_in.signed_at:
        raise Refused(
            "locked",
            "Your care team has signed this day. Your answers are still on your phone.",
            current=check_in,
        )
    changed = changes(check_in, dict(answers))
    # Newer answers, and the clock of this push, replace what could not be read before.
    newer = {*answers, *CLOCK_FIELDS, *(["time_zone"] if time_zone else [])}
    unread = {n: v for n, v in (check_in.unread or {}).items() if n not in newer} | call.unread
    # Compared with an empty check-in: "did not use" and a craving of 0 are answers too.
    replaced = [name for name in changed if getattr(check_in, name) != getattr(empty, name)]
    base = call.base.get(f"check_in/{check_in.id}")
    is_stale = bool(replaced) and base is not None and base < seq_of(check_in)
    if changed or unread != (check_in.unread or {}) or not check_in.revision:
        check_in.unread = unread or None
        _write(call, check_in, changed, time_zone)
    return {"check_in": str(check_in.id), "replaced_unseen": replaced if is_stale else []}


def _write(call: Call, check_in: CheckIn, changed: dict[str, Any], time_zone: str) -> None:
    if check_in.revision:
        _keep_version(call, check_in)
    for name, value in changed.items():
        setattr(check_in, name, value)
    check_in.time_zone = time_zone or check_in.time_zone
    check_in.revision += 1
    check_in.recorded_at = call.occurred_at
    check_in.received_at = call.now
    check_in.save(force_update=True)
    publish(check_in)


def _keep_version(call: Call, check_in: CheckIn) -> None:
    CheckInVersion(
        scope_id=check_in.scope_id,
        check_in=check_in,
        revision=check_in.revision,
        answers=json.loads(json.dumps(answers_of(check_in), cls=DjangoJSONEncoder)),
        recorded_at=check_in.recorded_at,
        replaced_at=call.now,
    ).save(force_insert=True)


class SignCheckIn(ActionInput):
    check_in = Ref(CheckIn, lock=True)


@action("practice.sign_check_in", input=SignCheckIn, allow=treats("check_in"))
def sign_check_in(call: Call, *, check_in: CheckIn) -> dict[str, str]:
    """Take a check-in into the record as it is. It cannot be changed after that.

    Refused: `signed` already.
    """
    if check_in.signed_at:
        raise Refused("signed", "This check-in has already been signed.", current=check_in)
    check_in.signed_by, check_in.signed_at = call.actor.id, call.now
    check_in.save(update_fields=["signed_by", "signed_at"])
    publish(check_in)
    return {"check_in": str(check_in.id)}
