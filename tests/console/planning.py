"""Series and sessions for tests, and the forms in which staff change them."""

from __future__ import annotations

import re
import uuid
from html import unescape
from typing import Any
from uuid import UUID

from django.db import transaction

from notifications.models import Intent
from recovery.care.models import Appointment, SessionException, SessionSeries
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import Circle, ConsoleBrowser, act

EVENINGS: dict[str, Any] = {
    "kind": "group",
    "title": "Evening group",
    "rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "first_date": "2026-03-02",
    "times": ["17:30"],
    "minutes": 180,
    "place": "Room 2",
}
TALK: dict[str, Any] = EVENINGS | {
    "kind": "individual",
    "title": "Talk",
    "rule": "FREQ=WEEKLY;BYDAY=WE",
    "times": ["14:00"],
    "minutes": 50,
    "place": "",
}


def make_series(circle: Circle, scope: str = "", **facts: Any) -> UUID:
    scope = scope or f"group:{circle.group}"
    made = act(circle.dana, "care.create_series", scope=scope, **EVENINGS | facts)
    return UUID((made.data or {})["series"])


def session_on(day: str, series: UUID, slot: int = 0) -> str:
    return str(uuid.uuid5(series, f"{day}/{slot}"))


def rows(user: User, model: Any, **facts: Any) -> list[dict[str, Any]]:
    with transaction.atomic():
        set_actor(user.id)
        # The walls leave what the user may see.
        return list(model.objects.filter(**facts).order_by("id").values())


def everything(user: User) -> list[Any]:
    return [rows(user, model) for model in (SessionSeries, SessionException, Appointment, Intent)]


def pushes(user: User, scope_id: UUID) -> int:
    with transaction.atomic():
        set_actor(user.id)
        return Intent.objects.filter(scope_id=scope_id, type="care.session_changed").count()


def form_of(page: str, act_name: str) -> dict[str, str]:
    """What the form of this act would send, as it was drawn."""
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    [form] = [each for each in forms if f'name="do" value="{act_name}"' in each]
    inputs = re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', form)
    areas = re.findall(r'<textarea[^>]*? name="(\w+)"[^>]*>([^<]*)<', form)
    sent = {name: unescape(value) for name, value in [*inputs, *areas]}
    return {name: value for name, value in sent.items() if name not in ("do", "key")}


def send(browser: ConsoleBrowser, path: str, act_name: str, **typed: str) -> Any:
    """Open the page, type into a form of it, and send it."""
    fields = form_of(browser.reads(path), act_name) | typed
    fields.pop("csrfmiddlewaretoken", None)
    return browser.do(path, act_name, **fields)


def words(html: str) -> str:
    """The page as one reads it."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
