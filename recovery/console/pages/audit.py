"""The audit: who did what, newest first, as far as this person may see it."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from foundation.problems import Invalid
from recovery.actions import SYSTEM, seals
from recovery.actions.models import AuditEvent, AuditSeal
from recovery.care.models import CareRecord, Programme
from recovery.console import audit_words as words
from recovery.console.desk import Desk
from recovery.console.page import page
from recovery.feed.context import set_actor
from recovery.feed.models import Membership, Scope, ScopedQuerySet
from recovery.groups.models import PeerGroup
from recovery.people.models import StaffMember, name_to_say
from recovery.people.roles import ROLE_NAMES

SIZE = 50
# A week's entries at first: the index has them by scope and time.
DAYS = 7
MOST = 20  # people or groups of one name
NAMES = ("given_name", "family_name", "name_text")
APPLIED, READ = "applied", "read"


@dataclass(frozen=True)
class Filters:
    """What the address asks for. It names people by ids alone, because addresses are logged."""

    who: frozenset[uuid.UUID]
    about: frozenset[uuid.UUID]
    area: str
    outcome: str
    since: date
    until: date

    @property
    def on(self) -> int:
        return sum(map(bool, (self.who, self.about, self.area, self.outcome)))


@page("console/audit.html")
def audit(desk: Desk) -> dict[str, Any]:
    if desk.programme is None:
        raise Http404
    wish = desk.request.GET
    filters = _filters(wish, timezone.localdate(desk.now))
    scopes = {scope.id: scope for scope in _scopes(desk, desk.programme)}
    events = list(_events(desk, filters, list(scopes), wish)[: SIZE + 1])
    shown = desk.read(events[:SIZE])
    names = _names(desk, desk.programme, shown, filters, scopes)
    broken = {each.event_id for each in seals.broken_among(shown)}
    return {
        "filters": filters,
        "who": names.of(filters.who),
        "about": names.of(filters.about),
        "rows": [_row(event, names, event.id in broken) for event in shown],
        "broken": len(broken),
        "seal": AuditSeal.objects.order_by("-position").first(),
        "areas": [("", gettext("Anything")), *words.AREAS.items()],
        "outcomes": [("", gettext("Anything")), *words.OUTCOMES.items()],
        "older": _older(wish, shown) if len(events) > SIZE else "",
    }


@audit.act
def find(desk: Desk) -> HttpResponse:
    """Lead to the address with what was typed: names become ids. A name that is not typed again
    stays as it was."""
    typed = desk.request.POST
    wish = {name: typed.get(name, "") for name in ("area", "outcome", "since", "until")}
    with transaction.atomic():
        set_actor(desk.user.id)
        for name, matches in (("who", _who), ("about", _about)):
            ids = _ids(desk.request.GET.get(name, ""))
            if text := typed.get(name, "").strip():
                ids = matches(desk, text)
            if text and not ids:
                raise Invalid({name: [gettext("Nobody whom you may see has this name.")]})
            wish[name] = ",".join(map(str, ids))
    query = urlencode({name: value for name, value in wish.items() if value})
    return HttpResponseRedirect(f"/audit?{query}", status=HTTPStatus.SEE_OTHER)


def _who(desk: Desk, text: str) -> list[uuid.UUID]:
    """The staff and the records of this name."""
    staff = desk.rows(StaffMember).filter(_named(text, NAMES)).values_list("id", flat=True)
    return [*staff[:MOST], *_records(desk, text)]


def _about(desk: Desk, text: str) -> list[uuid.UUID]:
    """The records and the groups of this name."""
    groups = desk.rows(PeerGroup).filter(name__icontains=text).values_list("id", flat=True)
    return [*groups[:MOST], *_records(desk, text)]


def _records(desk: Desk, text: str) -> list[uuid.UUID]:
    records = desk.rows(CareRecord).filter(_named(text, (*NAMES, "called")))
    return list(records.values_list("id", flat=True)[:MOST])


def _named(text: str, fields: tuple[str, ...]) -> Q:
    """Each word of the text is in one of the fields."""
    result = Q()
    for word in text.split():
        part = Q()
        for field in fields:
            part |= Q(**{f"{field}__icontains": word})
        result &= part
    return result


def _filters(wish: QueryDict, today: date) -> Filters:
    area, outcome = wish.get("area", ""), wish.get("outcome", "")
    return Filters(
        who=frozenset(_ids(wish.get("who", ""))),
        about=frozenset(_ids(wish.get("about", ""))),
        area=area if area in words.AREAS else "",
        outcome=outcome if outcome in words.OUTCOMES else "",
        since=_day(wish.get("since", "")) or today - timedelta(days=DAYS - 1),
        until=_day(wish.get("until", "")) or today,
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # The last days of the calendar have no next one.
    return day if date(2000, 1, 1) <= day <= date(9000, 1, 1) else None


def _ids(text: str) -> list[uuid.UUID]:
    """The ids of a list with commas. What is none is left out."""
    ids = []
    for part in text.split(",")[: 2 * MOST]:
        with suppress(ValueError):
            ids.append(uuid.UUID(part))
    return ids


def _scopes(desk: Desk, home: Programme) -> list[Scope]:
    """The person's own scopes in the programme that is shown."""
    mine = Membership.scopes_of(desk.user.id)
    return list(Scope.objects.filter(Q(home_id=home.id) | Q(id=desk.user.id), id__any=mine))


def _events(
    desk: Desk, filters: Filters, scopes: list[uuid.UUID], wish: QueryDict
) -> ScopedQuerySet:
    begins, ends = (
        datetime.combine(day, time(), desk.zone)
        for day in (filters.since, filters.until + timedelta(days=1))
    )
    events = desk.rows(AuditEvent).filter(scope_id__in=scopes, at__gte=begins, at__lt=ends)
    if filters.area:
        events = events.filter(action__startswith=f"{filters.area}.")
    if filters.outcome == "refused":
        events = events.exclude(outcome__in=(APPLIED, READ))
    elif filters.outcome:
        events = events.filter(outcome=filters.outcome)
    if filters.who:
        events = events.filter(_by(desk, filters.who))
    if filters.about:
        events = events.filter(scope_id__in=filters.about)
    last = desk.rows(AuditEvent).filter(id__in=_ids(wish.get("before", ""))).first()
    if last is not None:
        events = events.filter(Q(at__lt=last.at) | Q(at=last.at, id__lt=last.id))
    return events.order_by("-at", "-id")


def _by(desk: Desk, ids: frozenset[uuid.UUID]) -> Q:
    """What these staff did, and what people in care did in these records of theirs.

    Not what the latter do in groups, where they have an alias."""
    staff = desk.rows(StaffMember).filter(id__in=ids)
    owners = desk.rows(CareRecord).filter(id__in=ids)
    own = Q(actor_id__in=owners.values("user_id"), scope_id__in=owners.values("id"))
    return Q(actor_id__in=staff.values("user_id")) | own


@dataclass(frozen=True)
class Names:
    """What may be said of whom an event is by and about."""

    me: uuid.UUID
    scopes: dict[uuid.UUID, Scope]
    programme: str
    staff: dict[uuid.UUID, StaffMember]
    records: dict[uuid.UUID, CareRecord]
    groups: dict[uuid.UUID, str]

    def of(self, ids: frozenset[uuid.UUID]) -> str:
        """The staff, records and groups with these ids."""
        staff = [row.full_name for row in self.staff.values() if row.id in ids]
        records = [_name(row) for id_, row in self.records.items() if id_ in ids]
        groups = [name for id_, name in self.groups.items() if id_ in ids]
        return ", ".join([*staff, *groups, *records])

    def actor(self, event: AuditEvent) -> tuple[str, str]:
        """Their name, and what they are here."""
        member = self.staff.get(event.actor_id)
        record = self.records.get(event.scope_id)
        if event.actor_id == SYSTEM.id:
            return "Handrail", gettext("by itself")
        if member is not None:
            role = str(ROLE_NAMES[member.role])
            return member.full_name, gettext("%s, left") % role if member.left_at else role
        if event.actor_id == self.me:
            return gettext("You"), ""
        if record is not None and record.user_id == event.actor_id:
            return _name(record), gettext("In care or alumni")
        if event.scope_id in self.groups:
            return gettext("A member"), ""
        return gettext("Someone who is not on the staff"), ""

    def about(self, event: AuditEvent) -> str:
        record = self.records.get(event.scope_id)
        if record is not None:
            return _name(record)
        if event.scope_id in self.groups:
            return self.groups[event.scope_id]
        if event.scope_id == self.me:
            return gettext("Your account")
        scope = self.scopes[event.scope_id]
        return gettext("Staff") if scope.kind == "staff" else self.programme


def _name(record: CareRecord) -> str:
    return name_to_say(record.given_name, record.family_name, record.name_text, record.called)


def _names(
    desk: Desk,
    home: Programme,
    events: list[AuditEvent],
    filters: Filters,
    scopes: dict[uuid.UUID, Scope],
) -> Names:
    around = {event.scope_id for event in events} | filters.who | filters.about
    records = desk.read(desk.rows(CareRecord).filter(scope_id__in=around))
    groups = desk.read(desk.rows(PeerGroup).filter(scope_id__in=around))
    staff = desk.rows(StaffMember).filter(scope_id=home.id)
    return Names(
        me=desk.user.id,
        scopes=scopes,
        programme=home.name,
        staff={row.user_id: row for row in staff},
        records={row.scope_id: row for row in records},
        groups={row.scope_id: row.name for row in groups},
    )


def _row(event: AuditEvent, names: Names, is_broken: bool) -> dict[str, Any]:
    who, role = names.actor(event)
    refused = "" if event.outcome in (APPLIED, READ) else words.why_refused(event.outcome)
    return {
        "at": event.at,
        "who": who,
        "role": role,
        "did": words.did(event.action, event.objects_touched),
        "about": names.about(event),
        "refused": refused,
        "is_broken": is_broken,
    }


def _older(wish: QueryDict, shown: list[AuditEvent]) -> str:
    """The address of the entries before these."""
    kept = {name: value for name, value in wish.items() if name != "before" and value}
    return f"?{urlencode(kept | {'before': str(shown[-1].id)})}"
