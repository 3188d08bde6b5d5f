"""From patient to alumnus: a new role on the same account."""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Text
from recovery.care import queries
from recovery.care.actions.hours import count_current_week
from recovery.care.actions.levels import (
    begin_chapter,
    change_role,
    current_episode,
    level_called,
)
from recovery.care.actions.replanning import replan
from recovery.care.actions.team import MOST_STAY, narrow_team
from recovery.care.models import CareRecord
from recovery.care.rules import access
from recovery.care.rules.hours import applying_from
from recovery.care.rules.settings import ALUMNI
from recovery.people import roles


class MakeAlumnus(ActionInput):
    """`stays`: user ids of the care team who keep access to the record. Default: the caller."""

    record = Ref(CareRecord, lock=True)
    reason = Text(max_length=500)
    stays = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_STAY, default=list)


@action("care.make_alumnus", input=MakeAlumnus, allow=access.decides_on_care)
def make_alumnus(
    call: Call, *, record: CareRecord, reason: str, stays: list[uuid.UUID]
) -> dict[str, Any]:
    """Make a patient an alumnus. They keep all their data; the care team shrinks to `stays`.

    The episode continues at the alumni level, so that coming back is only another chapter. Sessions
    and reminders of the earlier level stop today; groups stay (`stays_in`). For an alumnus whose
    return is planned, this takes the plan back. Refused: `alumnus_already`, `not_on_team`.
    """
    today = queries.today(record.programme, call.now)
    earlier = list(queries.chapters(record.scope_id))
    is_alumnus = record.alumnus_since is not None
    if is_alumnus and all(c.level.code == ALUMNI for c in applying_from(earlier, today)):
        raise Refused("alumnus_already", "This person is already an alumnus.")
    if not is_alumnus:
        change_role(record, roles.ALUMNUS, since=today)
    episode = current_episode(record)
    chapter = begin_chapter(
        episode,
        level_called(record.programme, ALUMNI),
        from_date=max(today, episode.started_on),
        reason=reason,
        decided_by=call.actor.id,
        call=call,
        replaces_planned=True,
    )
    count_current_week(record, call)
    answer = replan(record, earlier, chapter, call)
    narrow_team(record, set(stays) or {call.actor.id}, call)
    return answer
