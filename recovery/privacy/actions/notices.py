"""A patient answers the notice of 42 CFR Part 2. Until they acknowledge it, no phone shows their
data."""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework import serializers
from uuid_utils.compat import uuid7

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Text
from recovery.actions.jobs import later
from recovery.actions.rules import anyone_signed_in
from recovery.feed import publish, scopes
from recovery.feed.context import acting_as
from recovery.privacy import queries
from recovery.privacy.models import Notice, NoticeAcknowledgement, NoticeRequest
from recovery.privacy.rules.wording import NOTICE_BLANKS


def ask_for_answer(
    call: Call, user_id: uuid.UUID, *, programme_id: uuid.UUID, names: dict[str, Any]
) -> None:
    """Ask a new patient of a programme to answer the notice. For actions that admit patients.

    `names`: `programme`, `privacy_contact`, `phone` and `email`, each a text or a text by locale.
    ValueError: one of them is missing.
    """
    missing = NOTICE_BLANKS - {"effective_on"} - names.keys()
    if missing:
        raise ValueError(f"the notice lacks {', '.join(sorted(missing))}")
    row = NoticeRequest(
        id=NoticeRequest.id_of(user_id, programme_id),
        scope_id=user_id,
        programme_id=programme_id,
        names=names,
        asked_at=call.now,
    )
    # Until they answer, the patient's own scope is the only scope they can read.
    with acting_as(user_id):
        # A programme asks once. The first request, with its names, stays.
        NoticeRequest.objects.bulk_create([row], ignore_conflicts=True)
        publish(NoticeRequest.objects.in_scope(user_id).get(id=row.id))


class AnswerNotice(ActionInput):
    """`notice`: the version that was on the screen, in its language."""

    id = serializers.UUIDField(default=uuid7)
    notice = Ref(Notice)


class AcknowledgeNotice(AnswerNotice):
    signed_name = Text(max_length=200)


@action("privacy.acknowledge_notice", input=AcknowledgeNotice, allow=anyone_signed_in)
def acknowledge_notice(
    call: Call, *, id: uuid.UUID, notice: Notice, signed_name: str
) -> dict[str, str]:
    """Acknowledge this version of the notice, which begins the held memberships (42 CFR 2.22).

    Acknowledging the same version on a second phone changes nothing. Refused: `superseded`.
    """
    _require_in_force(call, notice)
    row = queries.acknowledgement(call.actor.id, notice.version)
    if row is None:
        row = _save_answer(call, id, notice, "acknowledged", signed_name)
    # A membership may be held even after an earlier acknowledgement: in another programme, say.
    # Care is a higher layer, so its job is called by name.
    if scopes.release_held(call.actor.id):
        later("care.plan_person", user_id=str(call.actor.id))
    return {"notice_acknowledgement": str(row.id)}


@action("privacy.decline_notice", input=AnswerNotice, allow=anyone_signed_in)
def decline_notice(call: Call, *, id: uuid.UUID, notice: Notice) -> dict[str, str]:
    """Record that the patient declined. No membership begins. They can acknowledge it later.

    Refused: `superseded`.
    """
    _require_in_force(call, notice)
    row = _save_answer(call, id, notice, "declined")
    return {"notice_acknowledgement": str(row.id)}


def _require_in_force(call: Call, notice: Notice) -> None:
    newest = queries.notice_in_force(notice.scope_id, call.now.date())
    if newest is None or newest.id != notice.id:
        raise Refused("superseded", "There is a newer version of this notice.", current=newest)


def _save_answer(
    call: Call, id_: uuid.UUID, notice: Notice, answer: str, signed_name: str = ""
) -> NoticeAcknowledgement:
    row = NoticeAcknowledgement(
        id=id_,
        scope_id=call.actor.id,
        notice_id=notice.id,
        version=notice.version,
        locale=notice.locale,
        text_hash=notice.text_hash,
        answer=answer,
        signed_name=signed_name,
        answered_at=call.occurred_at,
        received_at=call.now,
    )
    row.save(force_insert=True)
    publish(row)
    return row
