"""Program settings: what a programme has set for itself, as forms grouped by what they are for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from foundation.problems import Invalid, Malformed, Refused
from recovery.care.actions.inputs.preset import Settings
from recovery.care.models import Programme
from recovery.care.models.session import KINDS
from recovery.care.rules.levels import has
from recovery.care.rules.settings import ALUMNI, ALWAYS, ANSWERS, SLOTS
from recovery.console import settings_words as words
from recovery.console.desk import Desk
from recovery.console.page import Page, page
from recovery.console.settings_form import NEW, Typed, by_field, read
from recovery.feed.context import set_actor
from recovery.people.roles import Duty
from recovery.people.rules import LOCALES

DAY = 24 * 60
# Times before a session that are offered, in minutes; a programme may have others.
LEADS = (7 * DAY, 2 * DAY, DAY, 12 * 60, 3 * 60, 2 * 60, 60, 30, 15)
MEANWHILE = _("Someone else changed this in the meantime: %s. Look at it, then save again.")


@dataclass(frozen=True)
class Job:
    """A page with the settings of one job. `key` names its path and its template."""

    key: str
    title: Promise | str
    settings: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"/settings/{self.key}"


JOBS = (
    Job("levels", _("Levels and hours"), ("levels", "week_starts_on")),
    Job("reminders", _("Reminders"), ("quiet_hours", "reminders")),
    Job("helplines", _("Help lines"), ("helplines", "contacts")),
    Job("hours", _("Staff hours"), ("staffed_hours", "reply_within_hours")),
    Job("check-in", _("Check-in"), ("check_in", "what_helps")),
    Job("groups", _("Groups and caps"), ("group", "house_rules", "announcements")),
    Job(
        "offer",
        _("What you offer"),
        ("tracks", "services", "topics", "therapies", "mutual_help", "conditions"),
    ),
    Job(
        "program",
        _("Program"),
        ("name", "time_zone", "locales", "minimum_age", "part2_programme", "course"),
    ),
)


@page("console/settings.html")
def settings(desk: Desk) -> dict[str, Any]:
    programme = _programme(desk)
    jobs = [
        {
            "job": job,
            "titles": _titles(job.settings),
            "changed": sum(_differs(programme, name) for name in job.settings),
        }
        for job in JOBS
    ]
    return {"programme": programme, "jobs": jobs}


def page_of(job: Job) -> Page:
    shown = page("console/settings_job.html")(partial(_show, job=job))
    shown.acts = {run.__name__: partial(run, job=job) for run in (save, look, put_back)}
    return shown


def _show(desk: Desk, job: Job) -> dict[str, Any]:
    programme = _programme(desk)
    current = {name: programme.settings[name] for name in job.settings}
    is_typed = _is_typed(desk)
    values = _typed(desk, current) if is_typed else current
    return {
        "job": job,
        "jobs": JOBS,
        "programme": programme,
        "drawn": json.dumps(current),
        "fields": f"console/settings/{job.key}.html",
        "setting": {name: PREPARED.get(name, plain)(value) for name, value in values.items()},
        "effects": [words.EFFECTS[name] for name in job.settings if name in words.EFFECTS],
        "changes": _changes(desk, programme, values) if is_typed else [],
        "departed": _departed(job, programme),
        "marked": {name for name in job.settings if _differs(programme, name)},
    }


def save(desk: Desk, job: Job) -> str:
    programme, drawn, typed = _form(desk, job)
    # What was not touched stays, even if someone else has changed it since the form was drawn.
    changed = {name: value for name, value in typed.items() if value != drawn.get(name)}
    settings = {n: value for n, value in changed.items() if value != programme.settings[n]}
    if not settings:
        return gettext("Nothing was different, so nothing was saved.")
    meanwhile = [name for name in settings if programme.settings[name] != drawn.get(name)]
    if meanwhile:
        raise Refused("changed_meanwhile", MEANWHILE % _titles(meanwhile))
    _change(desk, programme, settings)
    return gettext("Saved: %s.") % _titles(settings)


def look(desk: Desk, job: Job) -> str:
    """Say what would change, and change nothing."""
    programme, _drawn, typed = _form(desk, job)
    _check(desk, programme.settings | typed)
    is_same = all(value == programme.settings[name] for name, value in typed.items())
    return gettext("Nothing is different yet.") if is_same else ""


def put_back(desk: Desk, job: Job) -> str:
    """Make a setting what the preset has, and let it follow the preset again."""
    programme, name = _chosen_programme(desk), desk.request.POST.get("setting", "")
    if name not in job.settings or name not in programme.preset:
        raise Http404
    _change(desk, programme, {name: programme.preset[name]})
    return gettext("Put back: %s.") % _titles([name])


PAGES = {job.key: page_of(job) for job in JOBS}


def _programme(desk: Desk) -> Programme:
    """The programme that is shown, as it is now. Http404 for those who do not manage it."""
    if desk.programme is None or not desk.has(Duty.MANAGES):
        raise Http404
    desk.programme.refresh_from_db()
    return desk.programme


def _chosen_programme(desk: Desk) -> Programme:
    """The programme that the form is about, whichever this browser shows now."""
    with transaction.atomic():
        set_actor(desk.user.id)
        for programme in desk.programmes:
            if str(programme.id) == desk.request.POST.get("programme"):
                return programme
    raise Http404


def _form(desk: Desk, job: Job) -> tuple[Programme, dict[str, Any], dict[str, Any]]:
    """The programme, its settings when the form was drawn, and those that were typed."""
    try:
        drawn = json.loads(desk.request.POST.get("drawn", ""))
    except ValueError:
        raise Malformed from None
    if not isinstance(drawn, dict):
        raise Malformed
    programme = _chosen_programme(desk)
    current = {name: programme.settings[name] for name in job.settings}
    return programme, drawn, _typed(desk, current)


def _is_typed(desk: Desk) -> bool:
    """Whether the page shows what was typed, because nothing was saved."""
    do = desk.request.POST.get("do")
    return do == "look" or (do == "save" and not desk.outcome)


def _typed(desk: Desk, was: dict[str, Any]) -> dict[str, Any]:
    typed = Typed(desk.request.POST)
    return {name: read(name, typed, value) for name, value in was.items()}


def _change(desk: Desk, programme: Programme, settings: dict[str, Any]) -> None:
    data = {"programme": str(programme.id), "settings": settings}
    try:
        desk.act("care.change_settings", data)
    except Invalid as refusal:
        raise _named(refusal.errors.get("settings", refusal.errors), settings) from None


def _check(desk: Desk, settings: dict[str, Any]) -> None:
    """Raises Invalid, as the action would."""
    checked = Settings(data=settings, context={"now": desk.now})
    if not checked.is_valid():
        raise _named(checked.errors, settings)


def _named(errors: Any, settings: dict[str, Any]) -> Invalid:
    return Invalid(dict(by_field(errors, settings)))


def _titles(names: Any) -> str:
    return ", ".join(str(words.TITLES[name]) for name in names)


def _differs(programme: Programme, name: str) -> bool:
    return name in programme.preset and programme.settings[name] != programme.preset[name]


def _changes(desk: Desk, programme: Programme, values: dict[str, Any]) -> list[dict[str, Any]]:
    """By setting, the lines that go and those that come. None where something cannot be saved."""
    settings = Settings(data=programme.settings | values, context={"now": desk.now})
    if not settings.is_valid():
        return []
    changes = []
    for name in values:
        before, after = programme.settings[name], settings.validated_data[name]
        if before != after:
            old, new = words.lines(name, before), words.lines(name, after)
            goes, comes = _without(old, new), _without(new, old)
            changes.append({"title": words.TITLES[name], "goes": goes, "comes": comes})
    return changes


def _without(lines: list[str], others: list[str]) -> list[str]:
    return [line for line in lines if line not in others]


def _departed(job: Job, programme: Programme) -> list[dict[str, Any]]:
    """The settings of this page that are other than in the preset, with what the preset has."""
    names = [name for name in job.settings if _differs(programme, name)]
    return [
        {"name": n, "title": words.TITLES[n], "lines": words.lines(n, programme.preset[n])}
        for n in names
    ]


# What the forms need of each setting, besides its value.


def plain(value: Any) -> Any:
    """Numbers as people write them, in every language: 9 and 9.5."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return f"{value:g}"
    return value


def ticks(titles: dict[Any, Any], chosen: list[Any]) -> list[tuple[Any, Any, bool]]:
    """Boxes to tick: (value, title, whether it is ticked). What has no title is named by itself."""
    known = titles | {value: value for value in chosen if value not in titles}
    return [(value, title, value in chosen) for value, title in known.items()]


def select(titles: dict[Any, Any], value: Any) -> dict[str, Any]:
    """A value, and the choices with it among them."""
    known = titles if value in titles else titles | {value: value}
    return {"value": value, "choices": list(known.items())}


def _zone(zone: str) -> dict[str, Any]:
    return select({name: f"{title} ({name})" for name, title in words.ZONES.items()}, zone)


def _levels(levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    new = {"code": NEW, "asam": None, "offered": True, "hours_per_week": {"max": ""}}
    return [_level(level) for level in (*levels, new | {"sessions": list(KINDS)})]


def _level(level: dict[str, Any]) -> dict[str, Any]:
    return plain(level) | {
        "kinds": ticks(words.KINDS, [kind for kind in KINDS if has(level, kind)]),
        "edition": select({"": "-", **words.EDITIONS}, (level["asam"] or {}).get("edition", "")),
        "stays": level["code"] == ALUMNI,
    }


def _helplines(lines: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [
        line
        | {
            "stays": line.get("number") == ALWAYS.get(line["kind"], NEW),
            "kind": select(words.HELPLINE_KINDS, line["kind"]),
        }
        for line in (*lines, {"code": NEW, "kind": "programme"})
    ]
    return {"rows": rows, "phones": [_on_phones(lines, locale) for locale in LOCALES]}


def _on_phones(lines: list[dict[str, Any]], locale: str) -> dict[str, Any]:
    """What phones in this language show of the help lines, in their own words."""
    with override(locale):
        at, always = gettext("Call, %s"), gettext("Call, day and night")
    shown = [
        {
            "name": line["name"].get(locale) or line["name"].get("en") or line["number"],
            "hours": always if line["hours"] == "24/7" else at % line["hours"],
            "number": line["number"],
        }
        for line in lines
        if line["kind"] == "programme"
    ]
    return {"locale": locale, "language": words.LANGUAGES[locale], "lines": shown}


def _periods(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return _in_the_week([{"code": str(place), **row} for place, row in enumerate(rows)])


def _in_the_week(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        row | {"week": ticks(words.SHORT_DAYS, row.get("days", []))} for row in _named_rows(rows)
    ]


def _named_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        row | {"words": row.get("name") or row.get("text") or {}} for row in (*rows, {"code": NEW})
    ]


def _reminders(value: dict[str, Any]) -> dict[str, Any]:
    leads = value["lead_minutes"]
    offered = sorted({*LEADS, *leads}, reverse=True)
    return plain(value) | {"leads": ticks({each: words.lead(each) for each in offered}, leads)}


def _check_in(value: dict[str, Any]) -> dict[str, Any]:
    slots = {slot: words.SLOTS[slot] for slot in SLOTS}
    answers = {answer: words.ANSWERS[answer] for answer in ANSWERS}
    return {
        "slots": ticks(slots, value["slots"]),
        "questions": ticks(answers, value["questions"]),
    }


def _codes(name: str) -> Callable[[list[str]], Any]:
    return lambda chosen: ticks(words.CODES[name], chosen)


PREPARED: dict[str, Callable[[Any], Any]] = {
    "time_zone": _zone,
    "locales": lambda chosen: ticks({each: words.LANGUAGES[each] for each in LOCALES}, chosen),
    "week_starts_on": lambda day: select(words.DAYS, day),
    "levels": _levels,
    "helplines": _helplines,
    "staffed_hours": _periods,
    "tracks": _in_the_week,
    "services": _named_rows,
    "topics": _named_rows,
    "house_rules": _named_rows,
    "reminders": _reminders,
    "check_in": _check_in,
    **{name: _codes(name) for name in words.CODES},
}
