"""Episodes of care end, and people come back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from rest_framework import serializers

from foundation.text import is_visible
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Code, Number, Text
from recovery.care import queries
from recovery.care.actions.endings import (
    DAY,
    close_episode,
    reopen_episode,
    resume_timetable,
    stop_timetable,
)
from recovery.care.actions.hours import count_current_week
from recovery.care.actions.levels import (
    agreed_target,
    begin_episode,
    change_role,
    current_episode,
    level_called,
)
from recovery.care.actions.reminders import drop_reminders, plan_reminders_of
from recovery.care.actions.team import MOST_STAY, join_team, narrow_team
from recovery.care.models import Attendance, CareRecord, Episode
from recovery.care.models.record import END_REASONS, FOLLOWS
from recovery.care.rules import access
from recovery.care.rules.settings import ALUMNI
from recovery.care.rules.timetable import local_date
from recovery.feed.context import acting_as
from recovery.people import roles
from recovery.people.actions.accounts import close_account, reopen_account
from recovery.people.actions.invitations import revoke_unused

TAKE_BACK = timedelta(days=14)  # an end that is older stays; a return is a new episode
EARLIEST = timedelta(days=366)  # how long ago an end or a return may have been
DIED = "died"

# What other domains end when a person has died, such as their places in groups.
_partings: list[Callable[[Call, uuid.UUID], None]] = []


def when_someone_dies(parting: Callable[[Call, uuid.UUID], None]) -> Callable[..., None]:
    """Declare what ends, in the same transaction, when staff record that a person has died."""
    _partings.append(parting)
    return parting


class EndEpisode(ActionInput):
    """`ended_on`: the last day of care, today by default. `follows`: what comes afterwards, with
    `referred_to` for a referral or a transfer. `stays`: user ids of the care team who keep access
    to the record, by default the caller. `note` is for the care team's record of the decision.
    """

    record = Ref(CareRecord, lock=True)
    ended_on = serializers.DateField(required=False)
    reason = serializers.ChoiceField(choices=END_REASONS)
    follows = serializers.ChoiceField(choices=FOLLOWS)
    referred_to = Text(max_length=200, allow_blank=True, default="")
    note = Text(max_length=500, allow_blank=True, default="")
    stays = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_STAY, default=list)

    def validate(self, attrs: Any) -> Any:
        if attrs["reason"] == DIED and attrs["follows"] != "nothing":
            raise serializers.ValidationError({"follows": ["After a death nothing follows."]})
        if attrs["follows"] == "referral" and not is_visible(attrs["referred_to"]):
            raise serializers.ValidationError({"referred_to": ["Please say to whom."]})
        return attrs


@action("care.end_episode", input=EndEpisode, allow=access.decides_on_care)
def end_episode(
    call: Call,
    *,
    record: CareRecord,
    reason: str,
    follows: str,
    referred_to: str,
    note: str,
    stays: list[uuid.UUID],
    ended_on: date | None = None,
) -> dict[str, Any]:
    """End the course of care on a day. The person keeps all their data.

    Their own sessions and reminders after that day are dropped, and the hours stop. They stay in
    their peer groups, which the answer lists, until they or the facilitators decide otherwise.
    After a death, the account is closed and its devices stay silent.
    Refused: `no_episode`, `date_out_of_range`, `attended_later`, `not_on_team`.
    """
    episode = current_episode(record)
    last_day = _last_day(record, episode, ended_on, call)
    _require_no_attendance_after(record, last_day)
    groups = queries.groups_consented(record)
    stay = set(stays) or {call.actor.id}
    team = queries.care_team(record).exclude(user_id__in=stay).values_list("user_id", flat=True)
    ending = close_episode(
        record,
        episode,
        call,
        ended_on=last_day,
        end_reason=reason,
        follows=follows,
        referred_to=referred_to,
        note=note,
        who_left=[str(user) for user in team],
        # After a death, not even today's session is one to be reminded of.
        stopped=stop_timetable(record, last_day - DAY if reason == DIED else last_day, call),
    )
    if follows == "alumni":
        change_role(record, roles.ALUMNUS, since=record.alumnus_since or last_day)
    else:
        change_role(record, roles.FORMER_PATIENT, since=None)
    if reason == DIED:
        _part(record, call)
        groups = []
    narrow_team(record, stay, call)
    return {"ending": str(ending.id), "groups": [str(group) for group in groups]}


class ReopenEpisode(ActionInput):
    record = Ref(CareRecord, lock=True)
    reason = Text(max_length=500)


@action("care.reopen_episode", input=ReopenEpisode, allow=access.decides_on_care)
def reopen(call: Call, *, record: CareRecord, reason: str) -> dict[str, str]:
    """Take the end of an episode back within two weeks: it was recorded by mistake.

    The episode goes on, with its sessions to come and its care team. After a death that was
    recorded by mistake, the account can be used again; the person signs in again, and joins their
    groups again.
    Refused: `not_ended`, `too_late`, `linked_already`.
    """
    _require_the_one_that_goes_on(record)
    ending = queries.last_ending(record)
    if queries.open_episode(record) or ending is None or ending.ended_on is None:
        raise Refused("not_ended", "This person's episode of care has not ended.")
    if call.now - ending.recorded_at > TAKE_BACK:
        raise Refused(
            "too_late",
            "An end can be taken back for %(days)d days. If the person has come back, begin their"
            " care again.",
            values={"days": TAKE_BACK.days},
        )
    role = roles.PATIENT if ending.was_alumnus_since is None else roles.ALUMNUS
    change_role(record, role, since=ending.was_alumnus_since)
    episode = reopen_episode(record, ending, call, reason)
    if ending.end_reason == DIED:
        for user in queries.accounts_of(record):
            reopen_account(user)
    resume_timetable(record, ending.stopped, call)
    here = queries.team_with_access(record)
    for user in map(uuid.UUID, ending.who_left):
        if user not in here and access.staff_role(record.programme_id, user) in access.CARING:
            join_team(record, user, call)
    return {"episode": str(episode.id)}


class Readmit(ActionInput):
    """`starts_on`: the first day of care, today by default. `hours_per_week`: as agreed with this
    patient; defaults to the level's own target."""

    record = Ref(CareRecord, lock=True)
    level = Code(max_length=40)
    reason = Text(max_length=500)
    starts_on = serializers.DateField(required=False)
    hours_per_week = Number(min_value=0, max_value=168, required=False)


@action("care.readmit", input=Readmit, allow=access.decides_on_care)
def readmit(
    call: Call,
    *,
    record: CareRecord,
    level: str,
    reason: str,
    starts_on: date | None = None,
    hours_per_week: float | None = None,
) -> dict[str, str]:
    """A person comes back: a new episode in the same record, with everything from before.

    For an alumnus whose episode went on at the alumni level, that episode ends as completed.
    Refused: `in_care`, `died`, `use_make_alumnus`, `no_such_level`, `date_out_of_range`,
    `hours_out_of_range`, `linked_already`.
    """
    _require_the_one_that_goes_on(record)
    if level == ALUMNI:
        raise Refused("use_make_alumnus", "This level is for alumni. Make them an alumnus instead.")
    new_level = level_called(record.programme, level)
    today = queries.today(record.programme, call.now)
    first_day = starts_on or today
    earliest = max(_end_before(record, call), today - EARLIEST)
    if not earliest <= first_day <= today:
        raise Refused(
            "date_out_of_range",
            "You typed %(day)s. Care can begin again from %(earliest)s to %(latest)s."
            " Please record a later return when it begins.",
            values={"day": first_day, "earliest": earliest, "latest": today},
        )
    change_role(record, roles.PATIENT, since=None)
    episode = begin_episode(
        record,
        new_level,
        first_day,
        call,
        reason=reason,
        decided_by=call.actor.id,
        minutes_target=agreed_target(new_level, hours_per_week),
    )
    count_current_week(record, call)
    plan_reminders_of(record)
    return {"episode": str(episode.id)}


def _require_the_one_that_goes_on(record: CareRecord) -> None:
    """Refused: `linked_already`. A person has one course of care, whatever records they have."""
    if record.replaced_by:
        raise Refused(
            "linked_already",
            "This record is linked to another one of the same person. Please use the other one.",
            current=record,
        )


def _end_before(record: CareRecord, call: Call) -> date:
    """The day on which the last episode ended. An alumnus's, which went on, ends here."""
    episode = queries.open_episode(record)
    if episode is not None:
        if record.alumnus_since is None:
            raise Refused("in_care", "This person is in care already. Change their level instead.")
        day = max(record.alumnus_since, episode.started_on)
        close_episode(record, episode, call, ended_on=day, end_reason="completed", follows="alumni")
        return day
    ending = queries.last_ending(record)
    if ending is None or ending.ended_on is None:
        return record.opened_at.date()
    if ending.end_reason == DIED:
        raise Refused(
            "died",
            "This record says that the person has died. If that is a mistake, open the"
            " episode again.",
        )
    return ending.ended_on


def _last_day(record: CareRecord, episode: Episode, day: date | None, call: Call) -> date:
    today = queries.today(record.programme, call.now)
    # A person who never came has a first day that may still be ahead.
    latest = max(today, episode.started_on)
    earliest = max(episode.started_on, today - EARLIEST)
    last_day = day or latest
    if not earliest <= last_day <= latest:
        raise Refused(
            "date_out_of_range",
            "You typed %(day)s. The last day of care is between %(earliest)s and %(latest)s.",
            values={"day": last_day, "earliest": earliest, "latest": latest},
        )
    return last_day


def _require_no_attendance_after(record: CareRecord, last_day: date) -> None:
    attended = Attendance.objects.in_scope(record.scope_id).filter(status="present")
    latest = attended.order_by("-starts_at").first()
    if latest is None:
        return
    day = local_date(latest.starts_at, record.programme.time_zone)
    if day > last_day:
        raise Refused(
            "attended_later",
            "This person attended a session on %(day)s. Please give that day or a later one, or"
            " correct the attendance.",
            values={"day": day},
        )


def _part(record: CareRecord, call: Call) -> None:
    for user in queries.accounts_of(record):
        revoke_unused(call, user, programme_id=record.programme_id)
        # Their reminders, and their places in groups and pairs, are in scopes of their own.
        with acting_as(user):
            drop_reminders(user, call)
        for parting in _partings:
            parting(call, user)
        close_account(call, user)
