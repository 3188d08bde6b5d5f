"""What the pages about people and roles share: the way between them, and words for roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recovery.care.models import Programme
from recovery.console.desk import Desk
from recovery.people.models import StaffMember
from recovery.people.roles import DUTIES, ROLE_NAMES, STAFF_ROLES, Duty

TABS = [
    ("/programme/invite", _("Invite"), Duty.ADMITS),
    ("/programme/staff", _("Staff"), None),
    ("/people", _("In care"), Duty.CARES),
    ("/programme/invitations", _("Open invitations"), Duty.INVITES),
    ("/programme/unattended", _("Unattended"), Duty.MANAGES),
]
# As the end of "They …", in the order in which a program would say it.
MAY = {
    Duty.MANAGES: _("manages settings, staff and roles"),
    Duty.ADMITS: _("invites people into care"),
    Duty.INVITES: _("makes and approves codes"),
    Duty.CARES: _("works on care teams and sees the records there"),
    Duty.DECIDES: _("changes levels of care"),
    Duty.TREATS: _("assigns and reviews exercises"),
    Duty.KEEPS_TIMETABLE: _("plans sessions"),
    Duty.LEADS_GROUPS: _("leads groups"),
    Duty.COORDINATES: _("writes to all alumni"),
}
LANGUAGES = {"en": _("English"), "es": _("Spanish")}


def tabs(desk: Desk) -> list[dict[str, Any]]:
    """The pages about people that this person's role needs."""
    return [
        {"path": path, "title": title}
        for path, title, duty in TABS
        if duty is None or desk.has(duty)
    ]


def programme_for(desk: Desk, duty: Duty | None = None) -> Programme:
    """The programme that is shown. Http404 for those whose role there has not this duty."""
    if desk.programme is None or (duty is not None and not desk.has(duty)):
        raise Http404
    return desk.programme


def role_choices() -> list[dict[str, Any]]:
    """Every role on the staff, with what it allows as a sentence."""
    return [{"code": role, "title": ROLE_NAMES[role], "may": may(role)} for role in STAFF_ROLES]


def may(role: str) -> str:
    """What the role allows, as a sentence."""
    allowed = [str(words) for duty, words in MAY.items() if duty in DUTIES[role]]
    sentence = gettext("%(first)s and %(last)s.") % {
        "first": ", ".join(allowed[:-1]),
        "last": allowed[-1],
    }
    return sentence[:1].upper() + sentence[1:]


def staff_of(desk: Desk, programme: Programme) -> list[StaffMember]:
    """Everyone on the staff of the programme, former colleagues last."""
    rows = desk.rows(StaffMember).filter(scope_id=programme.id)
    people = desk.read(rows.order_by("family_name", "given_name", "name_text", "id"))
    return sorted(people, key=lambda each: each.left_at is not None)


def names_of(staff: Iterable[StaffMember]) -> dict[Any, str]:
    """Names by the ids of the accounts."""
    return {each.user_id: each.full_name for each in staff}
