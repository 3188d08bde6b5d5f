"""An admission that was a mistake. The rows stay for the audit; nothing counts them any more."""

from __future__ import annotations

from collections import Counter

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Text
from recovery.care import queries
from recovery.care.actions.endings import close_episode, stop_timetable
from recovery.care.actions.team import leave_team
from recovery.care.models import CareRecord
from recovery.care.rules import access
from recovery.feed import publish, scopes
from recovery.feed.models import FeedEntry, Membership
from recovery.people.actions.accounts import close_account
from recovery.people.actions.invitations import revoke_unused

ENTERED_IN_ERROR = "entered_in_error"  # as in FHIR's EpisodeOfCare.status


class UndoAdmission(ActionInput):
    record = Ref(CareRecord, lock=True)
    reason = Text(max_length=500)


@action("care.undo_admission", input=UndoAdmission, allow=access.admitted_them)
def undo_admission(call: Call, *, record: CareRecord, reason: str) -> None:
    """Take an admission back that was a mistake, before the person has acknowledged the notice.

    Their code and their account stop working, and the record leaves every list.
    Refused: `acknowledged`, with what the person has written.
    """
    _require_unanswered(record)
    episode = queries.open_episode(record)
    if episode is not None:
        close_episode(
            record,
            episode,
            call,
            ended_on=episode.started_on,
            end_reason=ENTERED_IN_ERROR,
            follows="nothing",
            note=reason,
            stopped=stop_timetable(record, episode.started_on, call),
        )
    revoke_unused(call, record.user_id, programme_id=record.programme_id)
    close_account(call, record.user_id)
    record.entered_in_error_at = call.now
    record.save(update_fields=["entered_in_error_at"])
    publish(record)
    for scope in (record.scope_id, record.programme_id):
        scopes.revoke(scope, record.user_id)
    # The caller leaves last, because only a member can end another membership.
    team = queries.care_team(record)
    for member in sorted(team, key=lambda member: member.user_id == call.actor.id):
        leave_team(member, call)


def _require_unanswered(record: CareRecord) -> None:
    if Membership.objects.get(scope_id=record.scope_id, user_id=record.user_id).held:
        return
    written = FeedEntry.objects.filter(
        scope_id=record.scope_id, author_id=record.user_id, deleted=False
    )
    kinds = Counter(written.values_list("kind", flat=True))
    rows = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items())) or "nothing yet"
    raise Refused(
        "acknowledged",
        "This person has acknowledged the notice. They have written: %(rows)s. If it is one person"
        " with two records, link them. If care ends, end the episode.",
        values={"rows": rows},
        current=record,
    )
