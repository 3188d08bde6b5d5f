"""Two records of one person become one for everybody who sees them. No row moves.

Every row lives in one scope, and a device may hold queued writes for either. So the records are
linked: the person, with either account, and both care teams see both, the other record points to
the one that goes on, and hours count together. Two members of the care team must say so, because
a link shows the data of one account to the other. One of them can end it.
"""

from __future__ import annotations

from datetime import timedelta

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.alone import alone
from recovery.actions.fields import Text
from recovery.care import queries
from recovery.care.actions.endings import (
    close_episode,
    reopen_episode,
    resume_timetable,
    stop_timetable,
)
from recovery.care.actions.hours import count_current_week
from recovery.care.actions.team import join_team
from recovery.care.models import CareRecord, RecordLink
from recovery.care.rules import access
from recovery.feed import publish, scopes
from recovery.feed.models import Membership
from recovery.people import roles

REPLACED = "replaced"  # the reason for which the episode of the other record ends
ASKED_FOR = timedelta(days=14)  # how long a second member of the team may take


class LinkRecords(ActionInput):
    """`record` goes on, `other` is the one that it replaces."""

    record = Ref(CareRecord, lock=True)
    other = Ref(CareRecord, lock=True)
    reason = Text(max_length=500)


@action("care.link_records", input=LinkRecords, allow=access.decides_on_both)
def link_records(
    call: Call, *, record: CareRecord, other: CareRecord, reason: str
) -> dict[str, str]:
    """Say that two records are of one person. They are linked once a second colleague says so.

    The current episode is that of `record`: an open one of `other` ends, with its sessions to come.
    Entries of the same day stay, each in its record, and both accounts can be used.
    Refused: `not_two_records`, `linked_already`, `differs` (the date of birth), `keep_the_other`
    (only that one is in care).
    """
    # Two colleagues may say it at the same time.
    alone("care.link_records", record.id, other.id)
    _require_linkable(record, other)
    request = queries.last_link(record, other)
    if request is None or request.step != "asked" or call.now - request.done_at > ASKED_FOR:
        _keep(record, other, "asked", reason, call)
        return {"state": "waiting"}
    if request.done_by == call.actor.id:
        return {"state": "waiting"}
    _link(record, other, call)
    _keep(record, other, "linked", reason, call)
    return {"state": "linked"}


@action("care.unlink_records", input=LinkRecords, allow=access.decides_on_both)
def unlink_records(call: Call, *, record: CareRecord, other: CareRecord, reason: str) -> None:
    """End a link, or take back what one has asked for: these are two people.

    Each account sees only its own record again, and the phones delete the other. The care teams
    stay as they are. Refused: `not_linked`.
    """
    alone("care.link_records", record.id, other.id)
    last = queries.last_link(record, other)
    if last is None or last.step == "ended":
        raise Refused("not_linked", "These two records are not linked.")
    _keep(record, other, "ended", reason, call)
    if last.step == "asked":
        return
    for one, person in ((record, other.user_id), (other, record.user_id)):
        scopes.revoke(one.scope_id, person)
    record.replaces = [id_ for id_ in record.replaces or () if id_ != other.id]
    _point(record, other, None)
    ending = queries.last_ending(other)
    if ending is not None and ending.end_reason == REPLACED:
        reopen_episode(other, ending, call, reason)
        resume_timetable(other, ending.stopped, call)
    count_current_week(record, call)


def _require_linkable(record: CareRecord, other: CareRecord) -> None:
    if record.id == other.id or record.programme_id != other.programme_id:
        raise Refused("not_two_records", "Please name two records of one program.")
    if record.replaced_by or other.replaced_by or other.replaces:
        raise Refused("linked_already", "One of these records is linked to another one already.")
    if record.date_of_birth != other.date_of_birth:
        raise Refused(
            "differs",
            "The dates of birth differ. If it is one person, please correct the wrong one first.",
        )
    if queries.open_episode(other) and not queries.open_episode(record):
        raise Refused("keep_the_other", "Please keep the record that is in care.")


def _link(record: CareRecord, other: CareRecord, call: Call) -> None:
    episode, today = queries.open_episode(other), queries.today(other.programme, call.now)
    if episode is not None:
        last_day = max(today, episode.started_on)
        close_episode(
            other,
            episode,
            call,
            ended_on=last_day,
            end_reason=REPLACED,
            follows="nothing",
            stopped=stop_timetable(other, last_day, call),
        )
    record.replaces = [*(record.replaces or ()), other.id]
    _point(record, other, record)
    for one, own in ((record, other), (other, record)):
        # A person who has not answered the notice yet sees neither record.
        place = Membership.objects.get(scope_id=own.scope_id, user_id=own.user_id)
        scopes.grant(one.scope_id, own.user_id, roles.PATIENT, held=place.held)
        for user in queries.team_with_access(own) - queries.team_with_access(one):
            join_team(one, user, call)
    count_current_week(record, call)


def _point(record: CareRecord, other: CareRecord, to: CareRecord | None) -> None:
    record.save(update_fields=["replaces"])
    other.replaced_by = to.id if to else None
    other.save(update_fields=["replaced_by"])
    publish(record)
    publish(other)


def _keep(record: CareRecord, other: CareRecord, step: str, reason: str, call: Call) -> None:
    RecordLink(
        scope_id=record.scope_id,
        record=record,
        other_id=other.id,
        step=step,
        reason=reason,
        done_by=call.actor.id,
        done_at=call.now,
    ).save(force_insert=True)
