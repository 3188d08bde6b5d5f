"""Assign one tool to one person or to several, and see what waits on their phones already."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from foundation.problems import Invalid, NotAllowed, NotFound
from recovery.care.models import CareRecord
from recovery.console.desk import Desk
from recovery.console.exercises import LANGUAGES, in_words, title_of
from recovery.console.names import name_of
from recovery.console.page import page
from recovery.console.pages.people import PAGE, turned
from recovery.people.models import StaffMember
from recovery.people.rules import LOCALES
from recovery.practice import queries
from recovery.practice.models import Assignment, ExerciseVersion


@page("console/assign.html")
def assign(desk: Desk) -> dict[str, Any]:
    sent = desk.request.GET
    versions = {each.exercise_id: each for each in queries.latest_versions()}
    offered = [each for each in versions.values() if not each.content["withdrawn"]]
    chosen = next((each for each in offered if each.content["slug"] == sent.get("exercise")), None)
    people = _people(desk)
    person = next((each for each in people if each["id"] == sent.get("person")), None)
    if (sent.get("exercise") and chosen is None) or (sent.get("person") and person is None):
        raise Http404
    waiting = _waiting(desk, people, versions)
    of_person = [row for row in waiting if not person or row["person"] is person]
    sheet = Paginator(of_person, PAGE).get_page(sent.get("page"))
    # Beside the names are those of everybody.
    desk.read(row["row"] for row in (waiting if chosen else sheet.object_list))
    for each in people:
        each["waiting"] = [row for row in waiting if row["person"] is each]
        has = [row for row in each["waiting"] if chosen and row["exercise"] == chosen.exercise_id]
        each["has"] = next(iter(has), None)
    other = next(locale for locale in LOCALES if locale != desk.user.locale)
    return {
        "q": sent.get("q", ""),
        "tools": _matching(offered, sent.get("q", ""), desk.user.locale),
        "tool": chosen and in_words(chosen, desk.user.locale),
        "other": chosen and in_words(chosen, other),
        "other_locale": other,
        "other_language": LANGUAGES[other],
        "people": people,
        "person": person,
        "ticked": _ticked(desk),
        "waiting": sheet.object_list,
        "today": timezone.localdate(desk.now),
        **turned(desk, sheet),
    }


def _ticked(desk: Desk) -> list[str]:
    """After a refusal, whom the form had; after that it has done its work."""
    if desk.request.method == "POST":
        return [] if desk.outcome else desk.request.POST.getlist("person")
    return [desk.request.GET.get("person", "")]


@assign.act
def give(desk: Desk) -> str:
    """Each person is an act, so that nobody has to wait for what is wrong with another one."""
    form = desk.request.POST
    chosen = set(form.getlist("person"))
    if not chosen:
        raise Invalid({"person": [gettext("Choose at least one person.")]})
    with desk.reading():
        names = {str(record.id): name_of(record) for record in _records(desk)}
    gave = []
    for person in [each for each in names if each in chosen]:
        data = {
            "id": str(_made_id(desk, person)),
            "record": person,
            "exercise": form.get("exercise", ""),
            "due_on": form.get("due_on") or None,
            "note": form.get("note", ""),
        }
        with suppress(NotAllowed, NotFound):
            desk.act("practice.assign_exercise", data, part=person)
            gave.append(names[person])
    if not gave:
        raise NotAllowed
    return " ".join([_assigned(gave), *_left_out(len(chosen) - len(gave))])


def _assigned(names: list[str]) -> str:
    if len(names) == 1:
        return gettext("%(name)s has it now.") % {"name": names[0]}
    return gettext("%(n)s people have it now: %(names)s.") % {
        "n": len(names),
        "names": ", ".join(names),
    }


def _left_out(number: int) -> list[str]:
    if not number:
        return []
    words = ngettext(
        "%(n)s person is not in your care any more, so nothing was sent there.",
        "%(n)s people are not in your care any more, so nothing was sent there.",
        number,
    )
    return [words % {"n": number}]


@assign.act
def take_back(desk: Desk) -> str:
    id_ = desk.request.POST.get("assignment", "")
    desk.act("practice.withdraw_assignment", {"assignment": id_})
    with desk.reading():
        assignment = desk.rows(Assignment).get(id=id_)
        record = desk.rows(CareRecord).get(id=assignment.scope_id)
    return gettext("Taken back. It is not on the phone of %(name)s any more.") % {
        "name": name_of(record)
    }


def _records(desk: Desk) -> QuerySet[Any]:
    return queries.treated_by(desk.user).filter(programme=desk.programme, replaced_by=None)


def _people(desk: Desk) -> list[dict[str, Any]]:
    """Whom the person at the desk treats: `id`, `name`, and `language` if they read another one."""
    return [
        {
            "id": str(record.id),
            "name": name_of(record),
            "language": LANGUAGES.get(record.locale) if record.locale != desk.user.locale else "",
        }
        for record in desk.read(_records(desk))
    ]


def _waiting(
    desk: Desk, people: list[dict[str, Any]], versions: dict[uuid.UUID, ExerciseVersion]
) -> list[dict[str, Any]]:
    """What these people have on their phones and have not tried. Not noted as read yet."""
    of = {each["id"]: each for each in people}
    rows = queries.open_assignments(desk.rows(Assignment).filter(scope_id__in=list(of)))
    staff = {each.user_id: each.full_name for each in desk.rows(StaffMember)}
    return [
        {
            "row": row,
            "person": of[str(row.scope_id)],
            "exercise": row.exercise_id,
            "title": title_of(versions.get(row.exercise_id), desk.user.locale),
            "by": staff.get(row.assigned_by, ""),
        }
        for row in rows
    ]


def _matching(offered: list[ExerciseVersion], words: str, locale: str) -> list[dict[str, Any]]:
    """The tools in which each of the words stands, in any language, by title."""
    sought = words.casefold().split()
    shown = []
    for version in offered:
        tool = in_words(version, locale)
        texts = [*version.content["title"].values(), *version.content["summary"].values()]
        text = " ".join([*texts, str(tool["method"]), tool["needs"]]).casefold()
        if all(word in text for word in sought):
            shown.append(tool)
    return sorted(shown, key=lambda tool: str(tool["title"]))


def _made_id(desk: Desk, part: str) -> uuid.UUID:
    """The same, however often this form is sent."""
    return uuid.uuid5(uuid.UUID(desk.request.POST["key"]), f"assignment of {part}")
