"""A patient answers the notice. Until they acknowledge it, none of their data shows."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from uuid_utils.compat import uuid7

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.rules import anyone_signed_in
from recovery.feed import publish, scopes
from recovery.privacy import queries
from recovery.privacy.models import Notice, NoticeAcknowledgement


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
        scopes.release_held(call.actor.id)
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
