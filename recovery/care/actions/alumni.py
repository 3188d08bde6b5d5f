"""From patient to alumnus: another role on the same account."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.care import queries
from recovery.care.actions.hours import count_current_week
from recovery.care.actions.levels import (
    ALUMNI,
    begin_chapter,
    change_role,
    current_episode,
    level_called,
)
from recovery.care.actions.team import leave_team
from recovery.care.models import CareRecord
from recovery.care.rules import access

MOST_STAY = 5


class MakeAlumnus(ActionInput):
    """`stays`: who of the care team keeps the record; whoever asks, if nobody is named."""

    record = Ref(CareRecord, lock=True)
    reason = serializers.CharField(max_length=500)
    stays = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_STAY, default=list)


@action("care.make_alumnus", input=MakeAlumnus, allow=access.decides_on_care)
def make_alumnus(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """The person keeps everything that is theirs; the care team shrinks to who is named.

    The episode goes on at the alumni level, so that a return is only another chapter.
    """
    record, today = data["record"], queries.today(data["record"].programme, call.now)
    if record.alumnus_since is not None:
        raise Refused("alumnus_already", "This person is an alumnus already.")
    change_role(record, "alumnus", since=today)
    chapter = begin_chapter(
        current_episode(record),
        level_called(record.programme, ALUMNI),
        from_date=today,
        reason=data["reason"],
        decided_by=call.actor.id,
        call=call,
    )
    count_current_week(record, call)
    _narrow_team(record, set(data["stays"]) or {call.actor.id}, call)
    return {"chapter": str(chapter.id)}


def _narrow_team(record: CareRecord, stays: set[Any], call: Call) -> None:
    team = list(queries.care_team(record))
    if not stays <= {member.user_id for member in team}:
        raise Refused("not_on_team", "Who stays must be on the care team.")
    leaving = [member for member in team if member.user_id not in stays]
    # Whoever asks leaves last: without a place in the scope they could let nobody else out.
    for member in sorted(leaving, key=lambda member: member.user_id == call.actor.id):
        leave_team(member, call)
