"""Who is connected to whom, and what alumni have heard lately."""

from __future__ import annotations

import uuid
from datetime import datetime

from recovery.alumni.models import LIVE, Campaign, Connection, InboxItem
from recovery.alumni.rules import WEEK
from recovery.care.models import Programme
from recovery.care.queries import preferences_of, wishes
from recovery.care.rules.reminders import Wishes
from recovery.feed.models import Membership
from recovery.feed.scopes import scope_id
from recovery.people import roles


def live_connection(user_id: uuid.UUID, other_id: uuid.UUID) -> Connection | None:
    """The first person's side of what goes on between the two, locked; None when nothing does."""
    mine = Connection.objects.in_scope(user_id).select_for_update(no_key=True)
    live: Connection | None = mine.filter(other_user_id=other_id, state__in=LIVE).first()
    return live


def alumni_of(programme_id: uuid.UUID) -> list[uuid.UUID]:
    """Everybody whose place in the programme is an alumnus's now, in a lasting order."""
    places = Membership.objects.filter(scope_id=programme_id, role=roles.ALUMNUS, held=False)
    return list(places.order_by("user_id").values_list("user_id", flat=True))


def is_alumnus(user_id: uuid.UUID, programme_id: uuid.UUID) -> bool:
    """Whether this person is one of them."""
    return Membership.objects.filter(
        scope_id=programme_id, user_id=user_id, role=roles.ALUMNUS, held=False
    ).exists()


def campaign_of(programme_id: uuid.UUID, campaign_id: uuid.UUID) -> Campaign:
    """A campaign by its programme; for jobs, which are in no scope."""
    campaign: Campaign = Campaign.objects.in_scope(scope_id(f"staff:{programme_id}")).get(
        id=campaign_id
    )
    return campaign


def heard_this_week(user_id: uuid.UUID, now: datetime) -> int:
    """How many announcements the person got in the last seven days, from any programme."""
    inbox = InboxItem.objects.in_scope(user_id)
    return inbox.filter(received_at__gt=now - WEEK, received_at__lte=now).count()


def wishes_of(user_id: uuid.UUID, programme: Programme) -> Wishes:
    """The person's zone and quiet hours, or the programme's where they have said nothing."""
    return wishes(preferences_of(user_id), programme)
