"""Whose sessions they are, and who hears of a change."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from recovery.care import queries
from recovery.care.models import CareRecord
from recovery.console.desk import Desk
from recovery.groups.models import PeerGroup
from recovery.people.models import name_to_say


@dataclass(frozen=True)
class Owner:
    """The group or the person whose sessions a scope has. `scope`: its name."""

    scope: str
    name: str
    is_person: bool


def owners(desk: Desk, scope_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, Owner]:
    """By scope, in the order of their names: groups first. These names are shown."""
    ids = set(scope_ids) - {None}
    groups = desk.rows(PeerGroup).filter(scope_id__in=ids).order_by("name", "id")
    records = queries.with_sort_name(desk.rows(CareRecord).filter(scope_id__in=ids))
    by_scope = {group.scope_id: _group(group) for group in desk.read(groups)}
    people = desk.read(records.order_by(*queries.BY_NAME))
    return by_scope | {record.scope_id: person(record) for record in people}


def _group(group: PeerGroup) -> Owner:
    return Owner(f"group:{group.scope_id}", group.name, is_person=False)


def person(record: CareRecord) -> Owner:
    names = (record.given_name, record.family_name, record.name_text, record.called)
    return Owner(f"care:{record.scope_id}", name_to_say(*names), is_person=True)


@dataclass(frozen=True)
class Audience:
    """To whom a notice goes when sessions change. `waits`: people who do not use the app yet."""

    owner: Owner | None
    people: int
    waits: bool

    @property
    def who(self) -> str:
        """As in "3 people". Empty, if nobody is reached."""
        if not self.people:
            return ""
        if self.owner and self.owner.is_person:
            return self.owner.name
        return ngettext("%(n)s person", "%(n)s people", self.people) % {"n": self.people}

    @property
    def notice(self) -> str:
        if self.who:
            return gettext("A notice goes to %(who)s.") % {"who": self.who}
        if not self.owner or not self.owner.is_person:
            return gettext("Nobody is in the group yet, so no notice goes out.")
        words = (
            gettext("%(name)s does not use the app yet, so no notice goes out. Call them.")
            if self.waits
            else gettext("The account of %(name)s is closed, so no notice goes out.")
        )
        return words % {"name": self.owner.name}


def audience(scope_id: uuid.UUID, owner: Owner | None) -> Audience:
    """Who is reached in this scope."""
    people, waiting = queries.reached(scope_id)
    return Audience(owner, people, waits=waiting > 0)
