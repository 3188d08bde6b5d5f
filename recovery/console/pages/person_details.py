"""One person's details: what is recorded and corrected, the level of care, and the care team."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recovery.care.models import CareRecord, CorrectionRequest, LevelOfCare, RecordCorrection
from recovery.care.models.correction import CORRECTABLE
from recovery.care.models.record import END_REASONS, FOLLOWS
from recovery.care.queries import last_ending
from recovery.care.rules.settings import ALUMNI
from recovery.console.contact import Person
from recovery.console.desk import Desk
from recovery.console.page import moved, page
from recovery.console.pages import person as others
from recovery.console.pages.person import opened, staff_names, tab, team_of
from recovery.people.models import StaffMember
from recovery.people.roles import ROLE_NAMES, Duty, roles_with

FIELDS = {
    "given_name": _("First name"),
    "family_name": _("Last name"),
    "name_text": _("Whole name, if it has no first and last part"),
    "called": _("Wants to be called"),
    "date_of_birth": _("Date of birth"),
    "locale": _("Language"),
    "phone": _("Telephone"),
    "email": _("Email to write to"),
    "other": _("Something else"),
}
TYPES = {"date_of_birth": "date", "email": "email", "phone": "tel"}
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
STATES = {"accepted": _("Accepted"), "declined": _("Declined")}


@page("console/person_details.html")
def details(desk: Desk, record: uuid.UUID) -> dict[str, Any]:
    person = opened(desk, record)
    row, names = person.record, staff_names(desk, person)
    corrections = desk.rows(RecordCorrection).filter(scope_id=record)
    requests = desk.rows(CorrectionRequest).filter(scope_id=record).order_by("-asked_at", "-id")
    every = desk.read(requests)
    team = team_of(desk, person, names)
    joining = _joining(desk, person, team)
    return tab(
        person,
        "person_details",
        fields=[_field(name, row) for name in CORRECTABLE],
        corrections=[
            _correction(each, names)
            for each in desk.read(corrections.order_by("-corrected_at", "-id"))
        ],
        requests=[_request(each, names) for each in every],
        open_requests=[
            ("", _("Nothing that they asked for")),
            *((each.id, each.wanted[:80]) for each in every if each.state == "open"),
        ],
        speaks=dict(LANGUAGES).get(row.locale, row.locale),
        team=team,
        joining=joining,
        successors=[("", _("Nobody")), *joining],
        **_care(desk, person),
    )


def _field(name: str, row: CareRecord) -> dict[str, Any]:
    return {
        "name": name,
        "label": FIELDS[name],
        "value": str(getattr(row, name)),
        "type": TYPES.get(name, "text"),
        "choices": LANGUAGES if name == "locale" else None,
    }


def _correction(row: RecordCorrection, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    return {
        "row": row,
        "field": FIELDS.get(row.field, row.field),
        "before": _shown(row.field, row.before),
        "after": _shown(row.field, row.after),
        "by": names.get(row.corrected_by, ""),
    }


def _shown(field: str, value: str) -> Any:
    return dict(LANGUAGES).get(value, value) if field == "locale" else value


def _request(row: CorrectionRequest, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    return {
        "row": row,
        "field": FIELDS.get(row.field, row.field),
        "state": STATES.get(row.state, ""),
        "by": names.get(row.answered_by, "") if row.answered_by else "",
    }


def _joining(desk: Desk, person: Person, team: list[dict[str, Any]]) -> list[tuple[Any, str]]:
    """Staff of the programme who can join the team."""
    here = [each["member"].user_id for each in team]
    rows = desk.rows(StaffMember).filter(
        scope_id=person.record.programme_id, left_at=None, role__in=sorted(roles_with(Duty.CARES))
    )
    staff = rows.exclude(user_id__in=here).order_by("given_name", "family_name", "id")
    return [(row.user_id, f"{row.full_name}, {ROLE_NAMES[row.role]}") for row in staff]


def _care(desk: Desk, person: Person) -> dict[str, Any]:
    """What can be decided about their care: for who decides, by how it is now."""
    if not desk.has(Duty.DECIDES):
        return {"decides": False}
    ending = last_ending(person.record)
    levels = LevelOfCare.objects.filter(programme=person.record.programme, offered=True)
    return {
        "decides": True,
        "ending": ending if ending and ending.ended_on else None,
        "levels": [
            (each.code, each.name.get(person.locale) or each.name["en"])
            for each in levels.exclude(code=ALUMNI).order_by("position")
        ],
        "reasons": [(code, others.REASONS[code]) for code in END_REASONS],
        "follows": [(code, others.FOLLOWS[code]) for code in FOLLOWS],
    }


@details.act
def correct(desk: Desk, record: uuid.UUID) -> str:
    """Only what differs from what the form was made with is corrected."""
    form = desk.request.POST
    changes = {
        name: form[name]
        for name in CORRECTABLE
        if name in form and form[name] != form.get(f"seen_{name}", "")
    }
    if not changes:
        return gettext("Nothing was different, so nothing was changed.")
    data = {
        "record": str(record),
        "changes": changes,
        "expected": {name: form.get(f"seen_{name}", "") for name in changes},
        "reason": form.get("reason", ""),
        "separate": form.get("separate") == "on",
    }
    outcome = desk.act("care.correct_person", data | _given(form, "request"))
    fields = ", ".join(str(FIELDS[name]) for name in changes)
    words = gettext("Corrected: %(fields)s. They see what was changed.") % {"fields": fields}
    code = (outcome.once or {}).get("code")
    if code:
        shown = gettext("Their new code, which is shown only now: %(code)s")
        return f"{words} {shown % {'code': code}}"
    return words


@details.act
def answer(desk: Desk, record: uuid.UUID) -> str:
    form = desk.request.POST
    accepted = form.get("accepted") == "true"
    data = {"request": form.get("request"), "accepted": accepted, "reason": form.get("reason", "")}
    desk.act("care.answer_correction_request", data)
    if accepted:
        return gettext("The request is answered: accepted.")
    return gettext("The request is answered: declined. They read why.")


@details.act
def change_level(desk: Desk, record: uuid.UUID) -> str:
    form = desk.request.POST
    data = {"level": form.get("level", ""), "reason": form.get("reason", "")}
    got = _given(form, "from_date", "hours_per_week", "decided_by")
    desk.act("care.change_level", {"record": str(record)} | data | got)
    return gettext("The level is changed. They see what it means for their sessions.")


@details.act
def make_alumnus(desk: Desk, record: uuid.UUID) -> str:
    form = desk.request.POST
    stays = [str(desk.user.id), *form.getlist("stays")]
    data = {"record": str(record), "reason": form.get("reason", ""), "stays": stays}
    desk.act("care.make_alumnus", data)
    return gettext("They are an alumnus from today on, and keep all that they wrote.")


@details.act
def end_care(desk: Desk, record: uuid.UUID) -> str:
    form = desk.request.POST
    data = {name: form.get(name, "") for name in ("reason", "follows", "referred_to", "note")}
    stays = [str(desk.user.id), *form.getlist("stays")]
    got = _given(form, "ended_on")
    desk.act("care.end_episode", {"record": str(record), "stays": stays} | data | got)
    return gettext("Care has ended. This can be taken back for 14 days.")


@details.act
def take_back(desk: Desk, record: uuid.UUID) -> str:
    data = {"record": str(record), "reason": desk.request.POST.get("reason", "")}
    desk.act("care.reopen_episode", data)
    return gettext("The end is taken back. Care goes on, with its sessions and its team.")


@details.act
def readmit(desk: Desk, record: uuid.UUID) -> str:
    form = desk.request.POST
    data = {"level": form.get("level", ""), "reason": form.get("reason", "")}
    got = _given(form, "starts_on", "hours_per_week")
    desk.act("care.readmit", {"record": str(record)} | data | got)
    return gettext("They are in care again, with everything from before.")


@details.act
def join(desk: Desk, record: uuid.UUID) -> str:
    user = desk.request.POST.get("user", "")
    desk.act("care.assign_team_member", {"record": str(record), "user": user})
    return gettext("They are on the care team now, and can open this record.")


@details.act
def leave(desk: Desk, record: uuid.UUID) -> str | HttpResponse:
    form = desk.request.POST
    data = {"record": str(record), "member": form.get("member")}
    desk.act("care.end_team_member", data | _given(form, "successor"))
    if form.get("myself"):
        # They can no longer open this page.
        return moved(desk, reverse("people"))
    return gettext("They are no longer on the care team, and cannot open this record.")


def _given(form: Any, *names: str) -> dict[str, str]:
    """These fields, without those that were left empty."""
    return {name: form[name] for name in names if form.get(name)}
