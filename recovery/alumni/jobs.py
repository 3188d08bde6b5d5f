"""Delivers an announcement to every alumnus, one transaction each."""

from __future__ import annotations

import uuid
from collections import Counter
from contextlib import suppress
from datetime import datetime

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app
from uuid_utils.compat import uuid7

from foundation.problems import KeyReused
from recovery.actions import SYSTEM, Call, Refused, perform
from recovery.alumni import queries
from recovery.feed.upkeep import RETRY

log = structlog.get_logger()
BATCH = 50  # people, after which the staff see how far it is


class IncompleteError(Exception):
    """Some deliveries failed. The job is retried, and only those are delivered."""


@app.task(name="alumni.deliver", retry=RETRY)
def deliver(programme: str, campaign: str) -> None:
    """Deliver to every current alumnus, until it is stopped. However often it runs, no one gets it
    twice."""
    now = timezone.now()
    people = queries.alumni_of(uuid.UUID(programme))
    outcomes: Counter[str] = Counter()

    def report(action: str, key: uuid.UUID, **more: int) -> None:
        counted = {"reached": outcomes["reached"], "held_back": outcomes["enough"]}
        data = {"programme": programme, "campaign": campaign} | counted | more
        perform(action, data=data, call=Call(actor=SYSTEM, now=now, key=key))

    for number, user in enumerate(people):
        if number % BATCH == 0:
            report("alumni.count_announcement", uuid7(), planned=len(people))
        outcomes[_deliver_to(user, programme, campaign, now)] += 1
        if outcomes["stopped"]:
            break
    if outcomes["failed"] and not outcomes["stopped"]:
        report("alumni.count_announcement", uuid7(), planned=len(people))
        raise IncompleteError(outcomes["failed"])
    # An earlier run may have finished with other numbers, before the alumni changed.
    with suppress(KeyReused):
        report("alumni.finish_announcement", _key(campaign, "finish"))


def _deliver_to(user: uuid.UUID, programme: str, campaign: str, now: datetime) -> str:
    data = {"programme": programme, "campaign": campaign, "user": str(user)}
    call = Call(actor=SYSTEM, now=now, key=_key(campaign, str(user)))
    try:
        perform("alumni.deliver_announcement", data=data, call=call)
    except Refused as refusal:
        return refusal.code
    except Exception:
        # One person's data must not keep the announcement from everyone after them.
        log.exception("announcement_not_delivered", campaign=campaign)
        return "failed"
    return "reached"


def _key(campaign: str, step: str) -> uuid.UUID:
    # The same in every run, so a repeated delivery does nothing.
    return uuid.uuid5(uuid.UUID(campaign), step)
