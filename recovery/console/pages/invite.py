"""Invite a person into care: a record, an episode, and a code that is shown once."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language, gettext

from recovery.care.models import CareRecord, Episode, LevelOfCare
from recovery.care.rules.settings import ALUMNI
from recovery.console import people_menu
from recovery.console.desk import Desk
from recovery.console.new_code import new_code
from recovery.console.page import page
from recovery.people.models import whole_name
from recovery.people.roles import Duty

TEXTS = (
    "programme", "given_name", "family_name", "called", "date_of_birth", "locale", "phone", "email",
    "level",
)  # fmt: skip


@page("console/invite.html")
def invite(desk: Desk) -> dict[str, Any]:
    programme = people_menu.programme_for(desk, Duty.ADMITS)
    form = desk.request.POST
    levels = LevelOfCare.objects.filter(programme=programme, offered=True).exclude(code=ALUMNI)
    return {
        "tabs": people_menu.tabs(desk),
        "programme": programme,
        "levels": [(level.code, name_of_level(level)) for level in levels.order_by("position")],
        "languages": list(people_menu.LANGUAGES.items()),
        "today": timezone.localdate(desk.now).isoformat(),
        "new": new_code(desk, name_in(form), form.get("locale", "en")),
        "known": _known(desk),
        "invites_staff": desk.has(Duty.MANAGES),
    }


@invite.act
def admit(desk: Desk) -> str:
    form = desk.request.POST
    data: dict[str, Any] = {name: form.get(name, "") for name in TEXTS}
    data |= {name: form.get(name) == "yes" for name in ("by_email", "separate")}
    if form.get("starts_on"):
        data["starts_on"] = form["starts_on"]
    desk.act("care.admit_patient", data)
    return gettext("%(name)s is invited.") % {"name": name_in(form)}


def name_in(form: QueryDict) -> str:
    """The name that was typed."""
    return whole_name(form.get("called") or form.get("given_name", ""), form.get("family_name", ""))


def name_of_level(level: LevelOfCare) -> str:
    name = level.name.get(get_language()) or level.name["en"]
    return f"{name} ({level.asam_code})" if level.asam_code else name


def _known(desk: Desk) -> dict[str, Any] | None:
    """Who has this name and birth date already: their record for those who care for them, with
    the episode that goes on or ended last, and for the others whom to ask."""
    if getattr(desk.refused, "code", "") != "known_already":
        return None
    refused: Any = desk.refused
    if refused.current is None:
        return {"ask": [each["ask"] for each in refused.about or []]}
    record = desk.read_one(desk.rows(CareRecord).filter(id=refused.current[1]))
    episodes = desk.rows(Episode).filter(scope_id=record.scope_id).order_by("-started_on", "-id")
    return {"record": record, "episode": next(iter(desk.read(episodes[:1])), None)}
