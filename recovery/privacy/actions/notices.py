"""A patient answers the notice. Until they acknowledge it, none of their data shows."""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework import serializers
from uuid_utils.compat import uuid7

from recovery.actions import ActionInput, Call, Ref, Refused, action
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
    """Ask a person whom a programme takes in to answer the notice; for actions that admit.

    `names`: `programme`, `privacy_contact`, `phone` and `email`, each a text or a text by locale.
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
    # Until they answer, the person's own scope is the only place from which they can be told.
    with acting_as(user_id):
        NoticeRequest.objects.bulk_create([row], ignore_conflicts=True)
        publish(NoticeRequest.objects.in_scope(user_id).get(id=row.id))


class AnswerNotice(ActionInput):
    """`notice`: the version in the language that was on the screen."""

    id = serializers.UUIDField(default=uuid7)
    notice = Ref(Notice)


class AcknowledgeNotice(AnswerNotice):
    signed_name = serializers.CharField(max_length=200)


@action("privacy.acknowledge_notice", input=AcknowledgeNotice, allow=anyone_signed_in)
def acknowledge_notice(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Keep that the person got this version, and begin what waited for it (42 CFR 2.22).

    A second phone that acknowledges the same version changes nothing. Refused: `superseded`.
    """
    notice = _in_force(call, data["notice"])
    given = queries.acknowledgement(call.actor.id, notice.version)
    if given is None:
        given = _keep(call, data, "acknowledged")
    # What waits may be newer than the answer: another programme, for one.
    if scopes.release_held(call.actor.id):
        later("care.plan_person", user_id=str(call.actor.id))
    return {"notice_acknowledgement": str(given.id)}


@action("privacy.decline_notice", input=AnswerNotice, allow=anyone_signed_in)
def decline_notice(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Keep that the person did not want to confirm; nothing begins, and they may still do so."""
    _in_force(call, data["notice"])
    return {"notice_acknowledgement": str(_keep(call, data, "declined").id)}


def _in_force(call: Call, notice: Notice) -> Notice:
    newest = queries.notice_in_force(notice.scope_id, call.now.date())
    if newest is None or newest.id != notice.id:
        raise Refused("superseded", "There is a newer version of this notice.", current=newest)
    return notice


def _keep(call: Call, data: dict[str, Any], answer: str) -> NoticeAcknowledgement:
    notice = data["notice"]
    row = NoticeAcknowledgement(
        id=data["id"],
        scope_id=call.actor.id,
        notice_id=notice.id,
        version=notice.version,
        locale=notice.locale,
        text_hash=notice.text_hash,
        answer=answer,
        signed_name=data.get("signed_name", ""),
        answered_at=call.occurred_at,
        received_at=call.now,
    )
    row.save(force_insert=True)
    publish(row)
    return row
