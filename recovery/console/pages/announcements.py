"""Announcements: a coordinator writes to all alumni, sees whom it reaches, sends and stops it."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.utils.formats import number_format
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext

from notifications.transports.texts import SENTENCES
from notifications.types import PUSH_CLASSES
from recovery.alumni.models import Campaign
from recovery.alumni.notification_types import ANNOUNCEMENT
from recovery.alumni.queries import alumni_by_locale
from recovery.alumni.rules import is_few
from recovery.care.models import Programme
from recovery.console.desk import Desk
from recovery.console.page import moved, page
from recovery.people.models import StaffMember
from recovery.people.roles import Duty
from recovery.people.rules import LOCALES, staff_scope

LANGUAGES = {"en": "English", "es": "Español"}
TITLE_LETTERS = 60
# Not the point of "6 p. m."
SENTENCE_END = re.compile(r"\n|(?<=[.!?])\s+(?=[^a-z])")
SHOWN = 50  # of those that are over
LATELY = timedelta(days=2)


@page("console/announcements.html")
def announcements(desk: Desk) -> dict[str, Any]:
    shown = all_of(desk).order_by("drafted_at", "id")
    ended = shown.filter(state__in=("sent", "stopped")).reverse()
    rows = desk.read(ended[: SHOWN + 1])
    return {
        "may_write": desk.has(Duty.COORDINATES),
        "running": [Shown(each) for each in desk.read(shown.filter(state="sending"))],
        "drafts": [Shown(each) for each in desk.read(shown.filter(state="draft"))],
        "ended": [Shown(each) for each in rows[:SHOWN]],
        "has_more": len(rows) > SHOWN,
        "lists": live(desk),
    }


@page("console/announcement_words.html")
def write(desk: Desk) -> dict[str, Any]:
    """A new one, with the words of another if the address names one."""
    again = desk.request.GET.get("from", "")
    row = one(desk, _uuid(again)) if again else None
    return words(desk, row) | {"is_new": True}


@write.act
def draft(desk: Desk) -> HttpResponse:
    form = desk.request.POST
    # Sent twice, it is the same draft.
    data = {
        "id": uuid.uuid5(uuid.UUID(form["key"]), "draft"),
        "programme": form.get("programme", ""),
    }
    saved = desk.act("alumni.draft_announcement", data | {"text": typed(desk)})
    return moved(desk, f"/announcements/{(saved.data or {})['campaign']}")


@page("console/announcement_words.html")
def rewrite(desk: Desk, announcement: uuid.UUID) -> dict[str, Any]:
    return words(desk, one(desk, announcement))


@rewrite.act
def change(desk: Desk, announcement: uuid.UUID) -> HttpResponse:
    data = {"campaign": announcement, "text": typed(desk)}
    desk.act("alumni.change_announcement", data)
    return moved(desk, f"/announcements/{announcement}")


def words(desk: Desk, row: Campaign | None) -> dict[str, Any]:
    """What is shown of one that is written."""
    may_write = desk.has(Duty.COORDINATES) and desk.programme is not None
    return {
        "row": row,
        "fields": [
            {"name": code, "title": title, "value": row.text.get(code, "") if row else ""}
            for code, title in LANGUAGES.items()
        ],
        "may_write": may_write,
        "audience": audience(desk.programme) if may_write and desk.programme else None,
    }


def typed(desk: Desk) -> dict[str, str]:
    return {code: desk.request.POST.get(code, "") for code in LANGUAGES}


@page("console/announcement.html")
def announcement(desk: Desk, announcement: uuid.UUID) -> dict[str, Any]:
    row = one(desk, announcement)
    may_write = desk.has(Duty.COORDINATES)
    return {
        "it": Shown(row),
        "may_write": may_write,
        "audience": audience(row.programme) if may_write and row.state == "draft" else None,
        "texts": [(code, LANGUAGES[code], row.text.get(code, "")) for code in LANGUAGES],
        "is_same": len(set(row.text.values())) == 1,
        "locked": locked_words(),
        "limit": limit_of(row.programme),
        "steps": steps(desk, row),
        "lists": live(desk),
    }


@announcement.act
def send(desk: Desk, announcement: uuid.UUID) -> str:
    desk.act("alumni.announce", {"campaign": announcement})
    return gettext("It goes out now. You can stop it on this page.")


@announcement.act
def stop(desk: Desk, announcement: uuid.UUID) -> str:
    desk.act("alumni.stop_announcement", {"campaign": announcement})
    return gettext("Stopped. Nobody else gets it.")


@announcement.act
def put_away(desk: Desk, announcement: uuid.UUID) -> str:
    desk.act("alumni.stop_announcement", {"campaign": announcement})
    return gettext("Put away. It was not sent to anybody.")


class Shown:
    """An announcement in the words of a page. Small numbers are hidden."""

    def __init__(self, row: Campaign) -> None:
        self.row = row
        self.reached, self.held_back = number(row.reached), number(row.held_back)
        # A bar tells no small number either. Its end is 0 where there is none.
        self.bar, self.bar_end = hidden(row.reached), hidden(row.planned)

    @property
    def title(self) -> str:
        """Its first sentence, in the language of the page."""
        text = self.row.text.get(get_language()) or next(iter(self.row.text.values()), "")
        first = SENTENCE_END.split(text.strip(), maxsplit=1)[0].removesuffix(".")
        return Truncator(first).chars(TITLE_LETTERS)

    @property
    def progress(self) -> str:
        """How far it is, while it is sent."""
        planned, reached = self.row.planned, self.row.reached
        if planned is None:
            return gettext("About to start")
        if is_few(planned):
            return gettext("It goes to fewer than 5 people")
        counted = {"reached": self.reached, "planned": number(planned)}
        if not reached:
            return gettext("Nobody of %(planned)s has it yet") % counted
        return gettext("%(reached)s of %(planned)s people have it") % counted

    @property
    def outcome(self) -> str:
        """What came of it, when it is over."""
        planned, reached = self.row.planned, self.row.reached
        counted = {"reached": self.reached.lower(), "planned": number(planned)}
        if self.row.announced_at is None:
            return gettext("Put away, never sent")
        if self.row.state == "sent":
            reply = gettext("Reached %(reached)s people") if reached else gettext("Reached nobody")
        elif not reached or not planned:
            reply = gettext("Stopped before anybody had it")
        elif is_few(planned):
            reply = gettext("Stopped. It was for fewer than 5 people")
        elif is_few(planned - reached):
            reply = gettext("Stopped when nearly everybody had it")
        else:
            reply = gettext("Stopped after %(reached)s of %(planned)s")
        return reply % counted


def hidden(people: int | None) -> int:
    """The number, or 0 for one by which someone could be guessed."""
    return 0 if people is None or is_few(people) else people


def number(people: int | None) -> str:
    """As people say it, and never one by which someone could be guessed."""
    if not people:
        return gettext("Nobody")
    if is_few(people):
        return gettext("Fewer than 5")
    return number_format(people, force_grouping=True)


def audience(programme: Programme) -> dict[str, Any]:
    """Whom an announcement would go to now, in words: altogether and by language."""
    counts = dict.fromkeys(LOCALES, 0)
    for locale, people in alumni_by_locale(programme.id).items():
        # A phone in any other language shows English.
        counts[locale if locale in counts else "en"] += people
    total = sum(counts.values())
    hides = any(is_few(people) for people in counts.values())
    # Beside a number that is hidden, another would tell it.
    nearly_all = gettext("Nearly all")
    return {
        "limit": limit_of(programme),
        "total": total,
        "people": number(total).lower(),
        "languages": [
            (LANGUAGES[code], number(n) if is_few(n) or not n or not hides else nearly_all)
            for code, n in counts.items()
        ]
        if not is_few(total)
        else [],
    }


def limit_of(programme: Programme) -> int:
    """How many announcements one person gets in a week."""
    return int(programme.settings["announcements"]["per_person_per_week"])


def locked_words() -> list[tuple[str, str]]:
    """What a locked phone shows, by language. Nothing, if the push only wakes the app."""
    key = PUSH_CLASSES[ANNOUNCEMENT.push_class or ""].sentence
    return list(SENTENCES[key].items()) if key else []


def steps(desk: Desk, row: Campaign) -> list[dict[str, Any]]:
    """What has happened to it, in order: when, who and what."""
    done: list[tuple[str, datetime | None, uuid.UUID | None]] = [
        ("drafted", row.drafted_at, row.drafted_by),
        ("announced", row.announced_at, row.announced_by),
        ("stopped", row.stopped_at, row.stopped_by),
    ]
    staff = desk.rows(StaffMember).filter(scope_id=row.programme_id)
    names = {
        each.user_id: each.full_name
        for each in staff.filter(user_id__in=[who for _, _, who in done if who])
    }
    unknown = gettext("A former colleague")
    return [
        {"what": what, "at": at, "who": names.get(who, unknown) if who else unknown}
        for what, at, who in done
        if at
    ]


def all_of(desk: Desk) -> Any:
    """Those of the programme that is shown."""
    rows = desk.rows(Campaign).select_related("programme")
    if desk.programme is None:
        return rows.none()
    return rows.filter(scope_id=staff_scope(desk.programme.id))


def noteworthy(desk: Desk) -> list[Shown]:
    """For coordinators: what goes out now, and what was stopped lately before everybody had it."""
    if not desk.has(Duty.COORDINATES):
        return []
    stopped = Q(state="stopped", announced_at__isnull=False, stopped_at__gt=desk.now - LATELY)
    rows = all_of(desk).filter(Q(state="sending") | stopped)
    return [Shown(each) for each in desk.read(rows.order_by("announced_at", "id"))]


def one(desk: Desk, announcement: uuid.UUID) -> Campaign:
    row: Campaign = desk.read_one(all_of(desk).filter(id=announcement))
    return row


def live(desk: Desk) -> str:
    return f"staff:{desk.programme.id}" if desk.programme else ""


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None
