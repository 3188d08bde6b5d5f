"""Who is connected to whom, and which announcements alumni have received."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Count

from recovery.alumni.models import LIVE, Campaign, Connection, InboxItem
from recovery.alumni.rules import WEEK
from recovery.care.models import Programme
from recovery.care.queries import preferences_of, wishes
from recovery.care.rules.reminders import Wishes
from recovery.feed.models import Membership
from recovery.people import roles
from recovery.people.rules import staff_scope
from recovery.signin.models import User


def live_connection(user_id: uuid.UUID, other_id: uuid.UUID) -> Connection | None:
    """The first user's side of an open request or connection with the other, locked."""
    mine = Connection.objects.in_scope(user_id).select_for_update(no_key=True)
    live: Connection | None = mine.filter(other_user_id=other_id, state__in=LIVE).first()
    return live


def alumni_of(programme_id: uuid.UUID) -> list[uuid.UUID]:
    """The current alumni of the programme, in a stable order."""
    alumni = Membership.objects.filter(scope_id=programme_id, role=roles.ALUMNUS, held=False)
    return list(alumni.order_by("user_id").values_list("user_id", flat=True))


def is_alumnus(user_id: uuid.UUID, programme_id: uuid.UUID) -> bool:
    return Membership.objects.filter(
        scope_id=programme_id, user_id=user_id, role=roles.ALUMNUS, held=False
    ).exists()


def alumni_by_locale(programme_id: uuid.UUID) -> dict[str, int]:
    """How many current alumni the programme has, by the language of their account. Everybody on
    its staff may count them."""
    alumni = Membership.objects.filter(scope_id=programme_id, role=roles.ALUMNUS, held=False)
    # One join. To look each of thousands up took most of the page's time.
    people = User.objects.filter(id__in=alumni.values("user_id"))
    counted = people.values("locale").annotate(people=Count("id")).order_by("locale")
    return dict(counted.values_list("locale", "people"))


def campaign_of(programme_id: uuid.UUID, campaign_id: uuid.UUID) -> Campaign:
    """For jobs, which are in no scope and so cannot use `visible_to`. Locked, so that nothing is
    delivered once it was stopped."""
    campaigns = Campaign.objects.in_scope(staff_scope(programme_id))
    row: Campaign = campaigns.select_for_update(no_key=True, of=("self",)).get(id=campaign_id)
    return row


def received_this_week(user_id: uuid.UUID, now: datetime) -> int:
    """How many announcements the user received in the last seven days, from any programme."""
    inbox = InboxItem.objects.in_scope(user_id)
    return inbox.filter(received_at__gt=now - WEEK, received_at__lte=now).count()


def wishes_of(user_id: uuid.UUID, programme: Programme) -> Wishes:
    """The user's time zone and quiet hours; the programme's are the default."""
    return wishes(preferences_of(user_id), programme)
