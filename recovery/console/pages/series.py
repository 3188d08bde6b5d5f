"""A series of sessions: what it says, its change from a date on, its end, and a new one."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from foundation.problems import Invalid
from recovery.care.models import Appointment, CareRecord, SessionSeries
from recovery.care.rules.timetable import MOST_TIMES, local_date
from recovery.console.audience import audience, owners
from recovery.console.desk import Desk
from recovery.console.page import moved, page
from recovery.console.pages.timetable import changed, slots, unchanged
from recovery.console.rule_words import ONCE, in_words, rule_of, weekly
from recovery.groups.models import PeerGroup

NEXT = 10  # sessions listed
KINDS = {
    "group": _("Group therapy"),
    "individual": _("One-to-one"),
    "family": _("Family"),
    "psychiatry": _("Mental health visit"),
    "medical": _("Medical visit"),
    "case_management": _("Case management"),
    "education": _("Education"),
    "support_group": _("Support group"),
    "other": _("Other"),
}
JUST_ONCE = "once"


@page("console/series.html")
def series(desk: Desk, series: uuid.UUID) -> dict[str, Any]:
    row = desk.read_one(desk.rows(SessionSeries).filter(id=series).select_related("programme"))
    ahead = desk.rows(Appointment).filter(series=row, ends_at__gt=desk.now)
    ahead = ahead.exclude(status="withdrawn").order_by("starts_at", "id")
    by_scope = owners(desk, [row.scope_id])
    reach = audience(row.scope_id, by_scope.get(row.scope_id))
    tomorrow = local_date(desk.now, row.time_zone) + timedelta(days=1)
    days = weekly(row.rule, row.first_date)
    if desk.outcome:
        desk.outcome = f"{desk.outcome} {reach.notice}"
    elif desk.request.method == "GET" and "new" in desk.request.GET:
        desk.outcome = gettext("It is on the timetable. %(notice)s") % {"notice": reach.notice}
    return {
        "row": row,
        "owner": by_scope.get(row.scope_id),
        "kind": KINDS[row.kind],
        "rule": in_words(row),
        "slots": list(slots(desk, desk.read(ahead[:NEXT]), by_scope)),
        "audience": reach,
        "tomorrow": tomorrow.isoformat(),
        "can_change": row.rule != ONCE and (row.ended_on is None or row.ended_on > tomorrow),
        "is_once": row.rule == ONCE,
        "rule_was": rule_of(*days) if days else "",
        "every": every(days[1]) if days else [],
        "times_was": ",".join(row.times),
        "other_zone": "" if row.time_zone == desk.zone.key else row.time_zone,
    } | ticks(desk, days[0] if days else [], days[1] if days else 1, row.times)


@series.act
def change(desk: Desk, series: uuid.UUID) -> str:
    form = desk.request.POST
    new: dict[str, Any] = changed(desk, ("title", "minutes", "place", "video_link"))
    if ",".join(times_in(form)) != form.get("was_times"):
        new["times"] = times_in(form)
    if form.get("was_rule") and rule_in(form) != form["was_rule"]:
        new["rule"] = rule_in(form)
    if not new:
        raise unchanged()
    from_date = form.get("from_date", "")
    desk.act("care.change_series", {"series": str(series), "from_date": from_date} | new)
    return gettext("Changed.")


@series.act
def end(desk: Desk, series: uuid.UUID) -> str:
    from_date = desk.request.POST.get("end_date", "")
    desk.act("care.end_series", {"series": str(series), "from_date": from_date})
    return gettext("The series ends.")


@page("console/new_series.html")
def new_series(desk: Desk) -> dict[str, Any]:
    choices = [(each.scope, each.name) for each in owners(desk, plannable(desk)).values()]
    who = desk.request.GET.get("who", "")
    who = who if who in dict(choices) else ""
    return {
        "choices": [("", gettext("Choose")), *choices],
        "has_choices": bool(choices),
        "who": who,
        "kind": "individual" if who.startswith("care:") else "group",
        "kinds": list(KINDS.items()),
        "every": [*every(1), (JUST_ONCE, gettext("Just once, on the first date"))],
        "today": timezone.localdate(desk.now).isoformat(),
    } | ticks(desk, [], 1, [])


def plannable(desk: Desk) -> set[uuid.UUID]:
    """The groups and people of the programme whose sessions the person plans."""
    here = {"programme": desk.programme}
    groups = desk.rows(PeerGroup).filter(**here).values_list("scope_id", flat=True)
    records = desk.rows(CareRecord).filter(**here, entered_in_error_at=None, replaced_by=None)
    return {*groups, *records.values_list("scope_id", flat=True)}


@new_series.act
def create(desk: Desk) -> HttpResponse:
    form = desk.request.POST
    names = ("scope", "kind", "title", "first_date", "minutes", "place", "video_link")
    data: dict[str, Any] = {name: form.get(name, "") for name in names}
    facts = data | {"rule": rule_in(form), "times": times_in(form)}
    made = (desk.act("care.create_series", facts).data or {})["series"]
    return moved(desk, f"/series/{made}?new")


def every(weeks: int) -> list[tuple[str, str]]:
    """How often a series repeats, for a select. `weeks`: as it does now."""
    return [
        (str(n), ngettext("Every week", "Every %(n)s weeks", n) % {"n": n})
        for n in sorted({1, 2, 3, 4, weeks})
    ]


def ticks(desk: Desk, days: list[int], weeks: int, times: list[str]) -> dict[str, Any]:
    """The weekdays and times of a form: as they are or, after a refusal, as they were typed."""
    form = desk.request.POST
    if form and not desk.outcome:
        days = [int(day) for day in form.getlist("day") if day in set("0123456")]
        times = form.getlist("times")
    return {
        "days": [(day, WEEKDAYS[day], WEEKDAYS_ABBR[day], day in days) for day in range(7)],
        "weeks": str(weeks),
        "times": [*times, *[""] * MOST_TIMES][:MOST_TIMES],
    }


def times_in(form: QueryDict) -> list[str]:
    return sorted(each for each in form.getlist("times") if each)


def rule_in(form: QueryDict) -> str:
    """The rule of the ticked weekdays. Invalid, if none is ticked."""
    if form.get("every") == JUST_ONCE:
        return ONCE
    days = {int(day) for day in form.getlist("day") if day in set("0123456")}
    if not days:
        raise Invalid({"rule": [gettext("Tick at least one day.")]})
    weeks = form.get("every", "")
    return rule_of(days, int(weeks) if weeks in dict(every(1)) else 1)
