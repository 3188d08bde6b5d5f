"""Check-ins that wait for a signature, by person, the oldest day first."""

from __future__ import annotations

from typing import Any

from django.utils.translation import ngettext

from foundation.problems import Refused
from recovery.care.models import CareRecord
from recovery.console.check_in_words import in_words
from recovery.console.desk import Desk
from recovery.console.names import first_name, name_of
from recovery.console.page import page
from recovery.console.pages.review import MOST, attempts, chosen, of_person, unsigned
from recovery.practice import queries


@page("console/check_ins.html")
def check_ins(desk: Desk) -> dict[str, Any]:
    person = chosen(desk)
    waiting = of_person(unsigned(desk), person)
    rows = desk.read(waiting[:MOST])
    records = desk.rows(CareRecord).filter(id__in={row.scope_id for row in rows})
    by_record = {record.id: record for record in records}
    people: dict[Any, dict[str, Any]] = {}
    for row in rows:
        record = by_record[row.scope_id]
        named = {"name": name_of(record), "first_name": first_name(record), "days": []}
        theirs = people.setdefault(row.scope_id, named | {"locale": record.locale, "id": record.id})
        theirs["days"].append(in_words(row))
    return {
        "people": list(people.values()),
        "number": waiting.count(),
        "shown": len(rows),
        "reviews": of_person(queries.unreviewed(attempts(desk)), person).count(),
        "person": person,
        "lists": "care",
    }


@check_ins.act
def sign(desk: Desk) -> str:
    """One day or several of one person. What a colleague has just signed is signed as well."""
    chosen = desk.request.POST.getlist("check_in")
    for check_in in chosen:
        try:
            desk.act("practice.sign_check_in", {"check_in": check_in}, part=check_in)
        except Refused:
            if len(chosen) == 1:
                raise
    words = ngettext("%(n)s day is signed.", "%(n)s days are signed.", len(chosen))
    return words % {"n": len(chosen)}
