"""Delivers an announcement to every alumnus, one transaction each."""

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
    """Some deliveries failed. The job is retried, and only those are delivered."""


@app.task(name="alumni.deliver", retry=RETRY)
def deliver(programme: str, campaign: str) -> None:
    """Deliver to every current alumnus. However often it runs, no one gets it twice."""
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
    # An earlier run may have finished with other numbers, before the alumni changed.
    with suppress(KeyReused):
        perform("alumni.finish_announcement", data=data, call=_call(campaign, "finish", now))


def _deliver_to(user: uuid.UUID, programme: str, campaign: str, now: datetime) -> str:
    data = {"programme": programme, "campaign": campaign, "user": str(user)}
    try:
        perform("alumni.deliver_announcement", data=data, call=_call(campaign, str(user), now))
    except Refused as refusal:
        return refusal.code
    except Exception:
        # One person's data must not keep the announcement from everyone after them.
        log.exception("announcement_not_delivered", campaign=campaign)
        return "failed"
    return "reached"


def _call(campaign: str, step: str, now: datetime) -> Call:
    # The idempotency key is the same in every run, so a repeated delivery does nothing.
    return Call(actor=SYSTEM, now=now, key=uuid.uuid5(uuid.UUID(campaign), step))
