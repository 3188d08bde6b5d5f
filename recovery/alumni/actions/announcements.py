"""A coordinator speaks to all alumni of a programme (F4, F5), and to nobody else.

The words stay in the house: each alumnus gets them in their own scope, and a push whose bytes
are the same as every other's.
"""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework import serializers

from notifications import queue
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.jobs import later
from recovery.actions.rules import only_system
from recovery.alumni import queries
from recovery.alumni.models import Campaign, InboxItem
from recovery.alumni.notification_types import ANNOUNCEMENT
from recovery.alumni.rules import coordinates_alumni, may_disturb_at
from recovery.care.models import ProgrammeCard
from recovery.feed import publish, scopes

DELIVER = "alumni.deliver"


class Words(ActionInput):
    """The same in every language that the people read."""

    en = serializers.CharField(max_length=1000)
    es = serializers.CharField(max_length=1000)


class DraftAnnouncement(ActionInput):
    id = serializers.UUIDField()
    programme = Ref(ProgrammeCard)
    text = Words()


@action("alumni.draft_announcement", input=DraftAnnouncement, allow=coordinates_alumni)
def draft_announcement(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Write down what all alumni should hear; nobody hears it yet."""
    programme_id = data["programme"].id
    campaign = Campaign(
        id=data["id"],
        scope_id=scopes.scope_id(f"staff:{programme_id}"),
        programme_id=programme_id,
        text=dict(data["text"]),
        drafted_by=call.actor.id,
        drafted_at=call.now,
    )
    campaign.save(force_insert=True)
    publish(campaign)
    return {"campaign": str(campaign.id)}


class Announce(ActionInput):
    campaign = Ref(Campaign, lock=True)


@action("alumni.announce", input=Announce, allow=coordinates_alumni)
def announce(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Send a draft to everybody who is an alumnus of the programme. Refused: `sent_already`."""
    campaign = data["campaign"]
    if campaign.state != "draft":
        raise Refused("sent_already", "This has been sent already.", current=campaign)
    campaign.state = "sending"
    campaign.announced_by = call.actor.id
    campaign.announced_at = call.now
    campaign.save(update_fields=["state", "announced_by", "announced_at"])
    publish(campaign)
    later(DELIVER, programme=str(campaign.programme_id), campaign=str(campaign.id))
    return {"campaign": str(campaign.id)}


class OfCampaign(ActionInput):
    programme = serializers.UUIDField()
    campaign = serializers.UUIDField()


class DeliverAnnouncement(OfCampaign):
    user = serializers.UUIDField()


@action("alumni.deliver_announcement", input=DeliverAnnouncement, allow=only_system)
def deliver_announcement(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Put the announcement into one alumnus's inbox, and let their phones know when it is day.

    Refused: `not_an_alumnus` (any more), `enough` (the programme's cap for a week).
    """
    campaign, user_id = queries.campaign_of(data["programme"], data["campaign"]), data["user"]
    _require_welcome(call, campaign, user_id)
    item = InboxItem(
        id=uuid.uuid5(campaign.id, str(user_id)),
        scope_id=user_id,
        campaign_id=campaign.id,
        programme_id=campaign.programme_id,
        text=campaign.text,
        received_at=call.now,
    )
    item.save(force_insert=True)
    publish(item)
    due = may_disturb_at(call.now, queries.wishes_of(user_id, campaign.programme))
    queue.push(ANNOUNCEMENT, scope_id=user_id, due=due, dedupe=f"announcement:{campaign.id}")
    return {"inbox_item": str(item.id)}


class FinishAnnouncement(OfCampaign):
    reached = serializers.IntegerField(min_value=0)
    held_back = serializers.IntegerField(min_value=0)


@action("alumni.finish_announcement", input=FinishAnnouncement, allow=only_system)
def finish_announcement(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Tell the staff how many alumni have it, never who."""
    campaign = queries.campaign_of(data["programme"], data["campaign"])
    campaign.state = "sent"
    campaign.sent_at = call.now
    campaign.reached, campaign.held_back = data["reached"], data["held_back"]
    campaign.save(update_fields=["state", "sent_at", "reached", "held_back"])
    publish(campaign)
    return {"campaign": str(campaign.id)}


def _require_welcome(call: Call, campaign: Campaign, user_id: uuid.UUID) -> None:
    if not queries.is_alumnus(user_id, campaign.programme_id):
        raise Refused("not_an_alumnus", "This person is no alumnus of the programme now.")
    cap = campaign.programme.settings["announcements"]["per_person_per_week"]
    if queries.heard_this_week(user_id, call.now) >= cap:
        raise Refused("enough", "This person has heard enough for a week.")
