"""Bringing an announcement to every alumnus, one transaction each."""

from __future__ import annotations

import uuid
from collections import Counter
from contextlib import suppress
from datetime import datetime

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from foundation.problems import KeyReused
from recovery.actions import SYSTEM, Call, Refused, perform
from recovery.alumni import queries
from recovery.feed.upkeep import RETRY

log = structlog.get_logger()


class IncompleteError(Exception):
    """Some have not got it yet; the job runs again and reaches only those."""


@app.task(name="alumni.deliver", retry=RETRY)
def deliver(programme: str, campaign: str) -> None:
    """Deliver to everybody who is an alumnus now. However often it runs, nobody gets it twice."""
    now = timezone.now()
    people = queries.alumni_of(uuid.UUID(programme))
    outcomes = Counter(_deliver_to(user, programme, campaign, now) for user in people)
    if outcomes["failed"]:
        raise IncompleteError(outcomes["failed"])
    data = {
        "programme": programme,
        "campaign": campaign,
        "reached": outcomes["reached"],
        "held_back": outcomes["enough"],
    }
    # An earlier run may have finished with other numbers, before somebody came or went.
    with suppress(KeyReused):
        perform("alumni.finish_announcement", data=data, call=_call(campaign, "finish", now))


def _deliver_to(user: uuid.UUID, programme: str, campaign: str, now: datetime) -> str:
    data = {"programme": programme, "campaign": campaign, "user": str(user)}
    try:
        perform("alumni.deliver_announcement", data=data, call=_call(campaign, str(user), now))
    except Refused as refusal:
        return refusal.code
    except Exception:
        # Whatever is wrong with one person's data must not keep it from all who come after.
        log.exception("announcement_not_delivered", campaign=campaign)
        return "failed"
    return "reached"


def _call(campaign: str, what: str, now: datetime) -> Call:
    """The same key at every run, so that the receipt remembers who has it."""
    return Call(actor=SYSTEM, now=now, key=uuid.uuid5(uuid.UUID(campaign), what))
