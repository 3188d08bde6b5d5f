"""A programme with its staff and patients, and people who are in a group together.

Names: Dana leads the group, Ash and Birch are patients in it, Cedar is a patient who is not.
Olive works for another programme, Stranger for none.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from uuid_utils.compat import uuid7

from recovery.actions import Call, perform
from recovery.actions.receipts import Outcome
from recovery.care.models import CareRecord, Programme, ProgrammeCard
from recovery.conversations.models import MemberCard
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry, Membership, Scope
from recovery.signin.models import User
from tests.factories.people import NOW, make_user
from tests.factories.privacy import acknowledge, form_id, load_wordings, open_library

RULES = [{"code": "kind", "text": {"en": "Be kind.", "es": "Sé amable."}}]
SETTINGS = {
    "group": {"size": {"min": 2, "max": 3}},
    "house_rules": RULES,
    "reminders": {"lead_minutes": [60], "medication_lead_minutes": []},
    "quiet_hours": {"from": "22:00", "to": "07:00"},
    "announcements": {"per_person_per_week": 2},
}
LEGAL_NAME = ("Canary", "Goldsworthy")


def act(
    actor: Any, name: str, data: dict[str, Any], now: datetime = NOW, **options: Any
) -> Outcome:
    """What one request does."""
    plain = json.loads(json.dumps(data, default=str))
    return perform(name, data=plain, call=Call(actor=actor, now=now, **options))


def seen(user: User, kind: str, scope_id: uuid.UUID | None = None) -> list[dict[str, Any]]:
    """The documents of one kind that are on this person's phone after a pull, oldest first."""
    set_actor(user.id)
    docs: list[dict[str, Any]] = []
    for place in Membership.objects.filter(user_id=user.id, held=False).order_by("scope_id"):
        if scope_id in (None, place.scope_id):
            rows = FeedEntry.objects.filter(scope_id=place.scope_id, kind=kind, deleted=False)
            newer = rows.filter(seq__gt=place.visible_from).order_by("seq")
            newer = newer.filter(Q(since=None) | Q(since__gt=place.visible_from))
            docs += [json.loads(row.doc) | {"id": str(row.object_id)} for row in newer]
    return docs


def scopes_of(user: User) -> list[str]:
    """The kinds of the scopes that the person is in."""
    set_actor(user.id)
    mine = Membership.objects.filter(user_id=user.id, held=False).values("scope_id")
    return sorted(Scope.objects.filter(id__in=mine).values_list("kind", flat=True))


def make_programme(*, slug: str = "harbor", **settings: Any) -> Programme:
    """A programme with its scopes, which nobody is in yet but its first administrator."""
    programme = Programme(
        id=uuid7(),
        slug=slug,
        name=f"{slug.title()} House",
        time_zone="America/New_York",
        week_starts_on=0,
        minimum_age=18,
        settings=SETTINGS | settings,
        preset={},
        changed_at=NOW,
    )
    programme.save()
    return programme


def employ(programme: Programme, role: str = "counsellor") -> User:
    """Somebody who works for the programme; the first one opens its scopes."""
    staff = make_user(is_staff=True)
    with transaction.atomic(), collecting():
        set_actor(staff.id)
        for kind in ("program", "staff"):
            scopes.open_scope(kind, programme.id, home_id=programme.id, user_id=staff.id, role=role)
        card = ProgrammeCard(id=programme.id, scope_id=programme.id, content=programme.settings)
        card.save(force_insert=True)
    return staff


def hire(programme: Programme, by: User, role: str) -> User:
    """Another member of staff."""
    staff = make_user(is_staff=True)
    with transaction.atomic(), collecting():
        set_actor(by.id)
        scopes.grant(programme.id, staff.id, role)
        scopes.grant(scopes.scope_id(f"staff:{programme.id}"), staff.id, role)
    return staff


def admit(
    programme: Programme, staff: User, *, role: str = "patient", confirmed: bool = True
) -> CareRecord:
    """A patient of the programme whom `staff` cares for, who has confirmed the notice or not."""
    patient, record_id = make_user(), uuid7()
    with transaction.atomic(), collecting():
        set_actor(staff.id)
        scopes.open_scope(
            "care", record_id, home_id=programme.id, user_id=staff.id, role="counsellor"
        )
        scopes.grant(record_id, patient.id, "patient", held=True)
        scopes.grant(programme.id, patient.id, role, held=True)
        record = CareRecord(
            id=record_id,
            scope_id=record_id,
            programme=programme,
            user_id=patient.id,
            given_name=LEGAL_NAME[0],
            family_name=LEGAL_NAME[1],
            date_of_birth=date(1990, 5, 17),
            locale="en",
            opened_at=NOW,
        )
        record.save(force_insert=True)
    open_library(patient)
    if confirmed:
        acknowledge(patient)
    return record


def user_of(record: CareRecord) -> User:
    return User.objects.get(id=record.user_id)


def signed(kind: str = "peer_group_visibility") -> dict[str, str]:
    """A consent as a phone sends it."""
    return {"form": form_id(kind), "signature": " ".join(LEGAL_NAME)}


def invite(dana: User, group: Any, record: CareRecord, **options: Any) -> str:
    data = {"group": group, "record": record.id}
    answer = act(dana, "groups.invite_member", data, **options)
    return str((answer.data or {})["group_invitation"])


def joining(invitation: str, alias: str, **changes: Any) -> dict[str, Any]:
    """What a phone sends to join."""
    return {
        "invitation": invitation,
        "alias": alias,
        "avatar": "fern",
        "rules_accepted": True,
        "consent": signed(),
    } | changes


@dataclass
class Circle:
    """A group of two patients and its facilitator, and people around it."""

    programme: Programme
    dana: User
    group: uuid.UUID
    records: dict[str, CareRecord]
    later: datetime = field(default=NOW + timedelta(hours=1))

    def __getattr__(self, name: str) -> User:
        if name not in self.records:
            raise AttributeError(name)
        return user_of(self.records[name])

    def card(self, user: User) -> str:
        return str(MemberCard.id_of(self.group, user.id))

    def bring_in(self, name: str, alias: str | None = None, now: datetime = NOW) -> User:
        """Invite a patient who then joins."""
        record = self.records.setdefault(name, admit(self.programme, self.dana))
        invitation = invite(self.dana, self.group, record)
        user = user_of(record)
        act(user, "groups.join", joining(invitation, alias or name.title()), now)
        return user


def make_circle(**settings: Any) -> Circle:
    """Ash and Birch are in Dana's group; Cedar is a patient of the same programme."""
    load_wordings()
    programme = make_programme(**settings)
    dana, group = employ(programme), uuid7()
    data = {"id": group, "programme": programme.id, "name": "Tuesday evening", "alias": "Dana"}
    act(dana, "groups.create", data)
    circle = Circle(programme, dana, group, {"cedar": admit(programme, dana)})
    circle.bring_in("ash")
    circle.bring_in("birch")
    return circle


def make_other_staff() -> User:
    """Somebody who works for another programme."""
    return employ(make_programme(slug="elsewhere"))
