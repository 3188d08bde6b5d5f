"""Queue a push or a letter as an action does."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from notifications import NotificationType, queue
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.notifications.kinds import OPEN_APP, REMINDER

TO = "ana@example.org"


def remind(people: list[User]) -> None:
    for person in people:
        with transaction.atomic():
            set_actor(person.id)
            queue.push(REMINDER, scope_id=person.id)


def write(user: User, kind: NotificationType = OPEN_APP, **options: Any) -> None:
    with transaction.atomic():
        set_actor(user.id)
        queue.email(kind, scope_id=user.id, **{"address": TO} | options)
