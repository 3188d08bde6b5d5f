"""The settings of a programme in words: their titles, what they do to people, what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import time
from typing import Any

from django.utils.dateformat import format as formatted
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from recovery.care.actions.inputs.preset import WEEKDAYS

TITLES: dict[str, Promise | str] = {
    "name": _("Name"),
    "time_zone": _("Time zone"),
    "locales": _("Languages that staff speak"),
    "minimum_age": _("Minimum age"),
    "part2_programme": _("42 CFR Part 2"),
    "course": _("Usual length"),
    "week_starts_on": _("The week"),
    "quiet_hours": _("Quiet hours"),
    "reminders": _("Reminders of sessions"),
    "staffed_hours": _("When staff are there"),
    "reply_within_hours": _("Time to answer"),
    "levels": _("Levels of care"),
    "tracks": _("Tracks"),
    "services": _("Services"),
    "therapies": _("Kinds of therapy"),
    "mutual_help": _("Meetings outside"),
    "topics": _("Topics of groups"),
    "conditions": _("What you treat"),
    "helplines": _("Help lines"),
    "contacts": _("Front desk and privacy officer"),
    "check_in": _("Check-in"),
    "what_helps": _("What helps"),
    "group": _("Size of a group"),
    "house_rules": _("House rules"),
    "announcements": _("Cap on messages to alumni"),
}
# What a change does to people, said before it is saved.
EFFECTS: dict[str, Promise | str] = {
    "name": _("People read the name in notices, consents and lists from now on."),
    "time_zone": _(
        "Days and weeks of the program begin in this zone. Sessions that are planned keep their"
        " clock times in the zone they were planned in."
    ),
    "minimum_age": _("Nobody younger is admitted. Who is in care stays."),
    "course": _("Phones show the usual length. Nothing ends because of it."),
    "week_starts_on": _(
        "Hours are counted from this day. Hours already credited this week stay in the week as it"
        " was, so change it when a week begins. Past weeks stay as they were."
    ),
    "levels": _(
        "A new goal is for people who are admitted or change level from now on: who is in care"
        " keeps the goal that was agreed. Least and most hours count for weeks that are not over."
        " Kinds of session that a level loses stop for people who move to it, and their reminders"
        " are planned again."
    ),
    "staffed_hours": _("Phones say by these hours whether staff are there now."),
    "quiet_hours": _(
        "Reminders that are still to come are planned again, for everyone who has not set quiet"
        " hours of their own."
    ),
    "reminders": _(
        "Reminders that are still to come are planned again, for everyone who has not set times of"
        " their own."
    ),
    "helplines": _(
        "Every phone shows the new numbers after its next connection. Until then it shows the ones"
        " it has. Call a number before you save it."
    ),
    "contacts": _("People who are admitted from now on read the privacy officer in their notice."),
    "check_in": _("Phones ask this after their next connection. Answers that were given stay."),
    "services": _("Phones show this list. No session changes."),
    "group": _("Groups that are open keep their size. New groups have this one."),
    "house_rules": _("Groups that are open keep their rules. New groups have these."),
    "announcements": _(
        "Messages over the cap are held back. Help and changes of sessions do not count."
    ),
}
DAYS = dict(
    zip(
        WEEKDAYS,
        (
            _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
            _("Sunday"),
        ),
        strict=True,
    )
)  # fmt: skip
SHORT_DAYS = dict(
    zip(
        WEEKDAYS,
        (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")),
        strict=True,
    )
)
LANGUAGES = {"en": _("English"), "es": _("Spanish")}
ZONES = {
    "America/New_York": _("Eastern"),
    "America/Chicago": _("Central"),
    "America/Denver": _("Mountain"),
    "America/Phoenix": _("Arizona"),
    "America/Los_Angeles": _("Pacific"),
    "America/Anchorage": _("Alaska"),
    "Pacific/Honolulu": _("Hawaii"),
    "America/Puerto_Rico": _("Puerto Rico and U.S. Virgin Islands"),
    "Pacific/Guam": _("Guam and Northern Mariana Islands"),
    "Pacific/Pago_Pago": _("American Samoa"),
}
KINDS = {
    "group": _("Group"),
    "individual": _("One to one"),
    "family": _("Family"),
    "psychiatry": _("Mental health visit"),
    "medical": _("Medical visit"),
    "case_management": _("Case management"),
    "education": _("Education"),
    "support_group": _("Support group"),
    "other": _("Other"),
}
SLOTS = {
    "day": _("Once, at any time of the day"),
    "morning": _("In the morning"),
    "evening": _("In the evening"),
}
ANSWERS = {
    "success": _("What went well yesterday"),
    "success_shared": _("Whether the group may read it"),
    "mood": _("Mood"),
    "craving_now": _("Urge now"),
    "craving_worst": _("Strongest urge of the day"),
    "sleep_hours": _("Hours of sleep"),
    "sleep_quality": _("How sleep was"),
    "halt": _("Hungry, angry, lonely, tired"),
    "medication": _("Medicine taken"),
    "used": _("Whether they used"),
    "used_what": _("What they used"),
    "plan": _("Plan for the day"),
    "gap_reason": _("Why a day was left out"),
}
HELPLINE_KINDS = {
    "programme": _("Your own line"),
    "information": _("Information"),
}
CODES = {
    "therapies": {
        "cbt": _("Cognitive behavioral therapy (CBT)"),
        "dbt_informed": _("DBT-informed skills"),
        "rebt": _("Rational emotive behavior therapy (REBT)"),
        "mi": _("Motivational interviewing"),
        "twelve_step": _("Twelve-step facilitation"),
        "matrix": _("Matrix model"),
        "individual": _("One-to-one therapy"),
        "medication": _("Medicine for addiction"),
        "emdr_in_session": _("EMDR, in session"),
        "art": _("Art therapy"),
        "mindfulness": _("Mindfulness"),
        "fitness": _("Fitness"),
        "nutrition": _("Nutrition"),
    },
    "mutual_help": {
        "smart": _("SMART Recovery"),
        "aa": _("Alcoholics Anonymous"),
        "na": _("Narcotics Anonymous"),
    },
    "conditions": {
        "substance_use": _("Substance use"),
        "co_occurring": _("Mental health beside substance use"),
    },
}
EDITIONS = {3: _("3rd edition"), 4: _("4th edition")}
LEVEL = _("%(level)s: %(hours)s hours a week, goal %(goal)s, %(days)s days")
DAY, HOUR = 24 * 60, 60


def lines(name: str, value: Any) -> list[str]:
    """What a valid setting says, one line for each thing in it."""
    return list(LINES[name](value))


def both(words: dict[str, str]) -> str:
    """A text in every language that it has."""
    return " / ".join(words.values())


def in_ones_own(words: dict[str, str]) -> str:
    return words.get(str(get_language())[:2], words.get("en", ""))


def clock(text: str) -> str:
    return formatted(time.fromisoformat(text), "g:i A")


def period(value: dict[str, str]) -> str:
    times = {end: clock(value[end]) for end in ("from", "to")}
    return gettext("%(from)s to %(to)s") % times


def days(names: list[str]) -> str:
    """Monday to Friday; or Monday, Wednesday."""
    places = sorted(WEEKDAYS.index(name) for name in names)
    ends = {"from": DAYS[WEEKDAYS[places[0]]], "to": DAYS[WEEKDAYS[places[-1]]]}
    if len(places) > 2 and places[-1] - places[0] == len(places) - 1:
        return gettext("%(from)s to %(to)s") % ends
    return ", ".join(str(DAYS[WEEKDAYS[place]]) for place in places)


def lead(minutes: int) -> str:
    """How long before: 2 days, 1 hour, 30 minutes."""
    if minutes and minutes % DAY == 0:
        return ngettext("%d day before", "%d days before", minutes // DAY) % (minutes // DAY)
    if minutes and minutes % HOUR == 0:
        return ngettext("%d hour before", "%d hours before", minutes // HOUR) % (minutes // HOUR)
    if minutes:
        return ngettext("%d minute before", "%d minutes before", minutes) % minutes
    return gettext("When it starts")


def hours(count: int) -> str:
    return ngettext("%d hour", "%d hours", count) % count


def _plain(value: str) -> Iterator[str]:
    yield value


def _zone(value: str) -> Iterator[str]:
    yield f"{ZONES[value]} ({value})" if value in ZONES else value


def _joined(known: dict[str, Any]) -> Callable[[list[str]], Iterator[str]]:
    def joined(values: list[str]) -> Iterator[str]:
        yield ", ".join(str(known.get(value, value)) for value in values) or gettext("None")

    return joined


def _reminders(value: dict[str, Any]) -> Iterator[str]:
    yield ", ".join(map(lead, value["lead_minutes"])) or gettext("No reminders")
    within = value.get("urgent_within_hours")
    if within is not None:
        yield gettext("Said at once, also at night: a change within %s") % hours(within)


def _staffed(value: list[dict[str, Any]]) -> Iterator[str]:
    for row in value:
        yield f"{days(row['days'])}, {period(row)}"


def _levels(value: list[dict[str, Any]]) -> Iterator[str]:
    for level in value:
        facts = {name: _span(level[f"{name}_per_week"]) for name in ("hours", "days")}
        facts |= {"level": both(level["name"]), "goal": f"{level['hours_per_week']['target']:g}"}
        parts = [LEVEL % facts]
        if asam := level["asam"]:
            parts.append(f"ASAM {asam['code']}, {EDITIONS[asam['edition']]}")
        if "sessions" in level:
            parts += _joined(KINDS)(level["sessions"])
        if not level["offered"]:
            parts.append(gettext("not offered"))
        yield "; ".join(parts)


def _span(value: dict[str, Any]) -> str:
    ends = {end: f"{value[end]:g}" for end in ("min", "max")}
    return ends["min"] if ends["min"] == ends["max"] else gettext("%(min)s to %(max)s") % ends


def _tracks(value: list[dict[str, Any]]) -> Iterator[str]:
    for row in value:
        yield f"{both(row['name'])}: {days(row['days'])}, {period(row)}"


def _named(value: list[dict[str, Any]]) -> Iterator[str]:
    for row in value:
        yield both(row.get("name") or row["text"])


def _helplines(value: list[dict[str, Any]]) -> Iterator[str]:
    for row in value:
        yield f"{both(row['name'])}: {row['number']}, {row['hours']}"


def _contacts(value: dict[str, Any]) -> Iterator[str]:
    yield gettext("Front desk: %s") % value["front_desk"]["number"]
    privacy = value["privacy"]
    yield f"{both(privacy['title'])}: {privacy['number']}, {privacy['email']}"


def _check_in(value: dict[str, Any]) -> Iterator[str]:
    yield from _joined(SLOTS)(value["slots"])
    yield from _joined(ANSWERS)(value["questions"])


LINES: dict[str, Callable[[Any], Iterator[str]]] = {
    "name": _plain,
    "time_zone": _zone,
    "locales": _joined(LANGUAGES),
    "minimum_age": lambda age: iter([ngettext("%d year", "%d years", age) % age]),
    "part2_programme": lambda applies: iter([gettext("Applies") if applies else gettext("No")]),
    "course": lambda value: iter(
        [ngettext("%d day", "%d days", value["usual_days"]) % value["usual_days"]]
    ),
    "week_starts_on": lambda day: iter([gettext("Starts on %s") % DAYS[day]]),
    "quiet_hours": lambda value: iter([period(value)]),
    "reminders": _reminders,
    "staffed_hours": _staffed,
    "reply_within_hours": lambda count: iter([gettext("Within %s") % hours(count)]),
    "levels": _levels,
    "tracks": _tracks,
    "services": _named,
    "therapies": _joined(CODES["therapies"]),
    "mutual_help": _joined(CODES["mutual_help"]),
    "topics": _named,
    "conditions": _joined(CODES["conditions"]),
    "helplines": _helplines,
    "contacts": _contacts,
    "check_in": _check_in,
    "what_helps": lambda value: iter(
        [
            ngettext("Said after %d use", "Said after %d uses", value["minimum_runs"])
            % value["minimum_runs"]
        ]
    ),
    "group": lambda value: iter([gettext("%s people") % _span(value["size"])]),
    "house_rules": _named,
    "announcements": lambda value: iter(
        [
            ngettext("%d message a week", "%d messages a week", value["per_person_per_week"])
            % value["per_person_per_week"]
        ]
    ),
}
