"""Announcements: a coordinator writes to all alumni of a programme (F4, F5).

The text never leaves the server in a push: each alumnus reads it in their own scope. The push has
the same bytes as any other.
"""

from __future__ import annotations

import uuid

from rest_framework import serializers

from notifications import queue
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Text
from recovery.actions.jobs import later
from recovery.actions.rules import only_system
from recovery.alumni import queries
from recovery.alumni.models import Campaign, InboxItem
from recovery.alumni.notification_types import ANNOUNCEMENT
from recovery.alumni.rules import coordinates_alumni, may_disturb_at
from recovery.care.models import ProgrammeCard
from recovery.feed import publish
from recovery.people.rules import staff_scope

DELIVER = "alumni.deliver"
ALREADY_SENT = "This announcement has already been sent."
STOPPED = "This announcement was stopped."


class Words(ActionInput):
    """The same text in each language."""

    en = Text(max_length=1000)
    es = Text(max_length=1000)


class DraftAnnouncement(ActionInput):
    id = serializers.UUIDField()
    programme = Ref(ProgrammeCard)
    text = Words()


@action("alumni.draft_announcement", input=DraftAnnouncement, allow=coordinates_alumni)
def draft_announcement(
    call: Call, *, id: uuid.UUID, programme: ProgrammeCard, text: dict[str, str]
) -> dict[str, str]:
    """Save a draft. It is not sent yet."""
    campaign = Campaign(
        id=id,
        scope_id=staff_scope(programme.id),
        programme_id=programme.id,
        text=dict(text),
        drafted_by=call.actor.id,
        drafted_at=call.now,
    )
    campaign.save(force_insert=True)
    publish(campaign)
    return {"campaign": str(campaign.id)}


class ChangeAnnouncement(ActionInput):
    campaign = Ref(Campaign, lock=True)
    text = Words()


@action("alumni.change_announcement", input=ChangeAnnouncement, allow=coordinates_alumni)
def change_announcement(call: Call, *, campaign: Campaign, text: dict[str, str]) -> dict[str, str]:
    """Write a draft's text again. Refused: `sent_already`, `stopped`."""
    _must_be_draft(campaign)
    campaign.text = dict(text)
    campaign.save(update_fields=["text"])
    publish(campaign)
    return {"campaign": str(campaign.id)}


class Announce(ActionInput):
    campaign = Ref(Campaign, lock=True)


@action("alumni.announce", input=Announce, allow=coordinates_alumni)
def announce(call: Call, *, campaign: Campaign) -> dict[str, str]:
    """Send a draft to every alumnus of the programme. Refused: `sent_already`, `stopped`."""
    _must_be_draft(campaign)
    campaign.state = "sending"
    campaign.announced_by = call.actor.id
    campaign.announced_at = call.now
    campaign.save(update_fields=["state", "announced_by", "announced_at"])
    publish(campaign)
    later(DELIVER, programme=str(campaign.programme_id), campaign=str(campaign.id))
    return {"campaign": str(campaign.id)}


@action("alumni.stop_announcement", input=Announce, allow=coordinates_alumni)
def stop_announcement(call: Call, *, campaign: Campaign) -> dict[str, str]:
    """Nobody else gets it. Who has it keeps it. A draft is put away. Refused: `sent_already`."""
    if campaign.state == "sent":
        raise Refused("sent_already", ALREADY_SENT, current=campaign)
    if campaign.state != "stopped":
        campaign.state = "stopped"
        campaign.stopped_by = call.actor.id
        campaign.stopped_at = call.now
        campaign.save(update_fields=["state", "stopped_by", "stopped_at"])
        publish(campaign)
    return {"campaign": str(campaign.id)}


def _must_be_draft(campaign: Campaign) -> None:
    if campaign.state == "stopped":
        raise Refused("stopped", STOPPED, current=campaign)
    if campaign.state != "draft":
        raise Refused("sent_already", ALREADY_SENT, current=campaign)


class OfCampaign(ActionInput):
    programme = serializers.UUIDField()
    campaign = serializers.UUIDField()


class DeliverAnnouncement(OfCampaign):
    user = serializers.UUIDField()


@action("alumni.deliver_announcement", input=DeliverAnnouncement, allow=only_system)
def deliver_announcement(
    call: Call, *, programme: uuid.UUID, campaign: uuid.UUID, user: uuid.UUID
) -> dict[str, str]:
    """Put the announcement into one alumnus's inbox. The push waits until quiet hours are over.

    Refused: `stopped`, `not_an_alumnus`, `enough` (the programme's weekly limit).
    """
    row = queries.campaign_of(programme, campaign)
    if row.state == "stopped":
        raise Refused("stopped", STOPPED)
    # The job may run late. By then the person may have come back into care.
    if not queries.is_alumnus(user, row.programme_id):
        raise Refused("not_an_alumnus", "This person is not an alumnus of the program.")
    weekly_limit = row.programme.settings["announcements"]["per_person_per_week"]
    if queries.received_this_week(user, call.now) >= weekly_limit:
        raise Refused("enough", "This person has reached the weekly limit of announcements.")
    item = InboxItem(
        id=uuid.uuid5(row.id, str(user)),
        scope_id=user,
        campaign_id=row.id,
        programme_id=row.programme_id,
        text=row.text,
        received_at=call.now,
    )
    item.save(force_insert=True)
    publish(item)
    due = may_disturb_at(call.now, queries.wishes_of(user, row.programme))
    queue.push(ANNOUNCEMENT, scope_id=user, due=due, dedupe=f"announcement:{row.id}")
    return {"inbox_item": str(item.id)}


class CountAnnouncement(OfCampaign):
    planned = serializers.IntegerField(min_value=0)
    reached = serializers.IntegerField(min_value=0)
    held_back = serializers.IntegerField(min_value=0)


@action("alumni.count_announcement", input=CountAnnouncement, allow=only_system)
def count_announcement(
    call: Call,
    *,
    programme: uuid.UUID,
    campaign: uuid.UUID,
    planned: int,
    reached: int,
    held_back: int,
) -> dict[str, str]:
    """Report to staff how many alumni have it so far, never which ones."""
    row = queries.campaign_of(programme, campaign)
    row.planned = planned
    # The job begins to count again when it is repeated.
    row.reached = max(reached, row.reached or 0)
    row.held_back = max(held_back, row.held_back or 0)
    row.save(update_fields=["planned", "reached", "held_back"])
    publish(row)
    return {"campaign": str(row.id)}


class FinishAnnouncement(OfCampaign):
    reached = serializers.IntegerField(min_value=0)
    held_back = serializers.IntegerField(min_value=0)


@action("alumni.finish_announcement", input=FinishAnnouncement, allow=only_system)
def finish_announcement(
    call: Call, *, programme: uuid.UUID, campaign: uuid.UUID, reached: int, held_back: int
) -> dict[str, str]:
    """Report to staff how many alumni got it, never which ones. One that was stopped stays so."""
    row = queries.campaign_of(programme, campaign)
    if row.state != "stopped":
        row.state = "sent"
        row.sent_at = call.now
    row.reached, row.held_back = reached, held_back
    row.save(update_fields=["state", "sent_at", "reached", "held_back"])
    publish(row)
    return {"campaign": str(row.id)}
