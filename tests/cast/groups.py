"""People who are in a group together."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.care.models import CareRecord, Programme
from recovery.conversations.models import MemberCard
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.flush import flush
from recovery.signin.models import User
from tests.cast.acting import NOW, act
from tests.cast.programme import (
    LEGAL_NAME,
    NORTHLIGHT,
    employ,
    make_patient,
    make_programme,
    user_of,
)
from tests.cast.texts import form_id, load_wordings
from tests.roles import set_scene


def open_group(
    leader: User,
    *members: User,
    roles: dict[uuid.UUID, str] | None = None,
    home: str = NORTHLIGHT,
    kind: str = "group",
) -> uuid.UUID:
    """A bare scope with its members; there is no group's row. It is announced.

    `roles`: of members by user id, where not "member".
    """
    with transaction.atomic(), collecting() as collection, set_scene():
        group = scopes.open_scope(
            kind, uuid7(), home_id=uuid.UUID(home), user_id=leader.id, role="facilitator"
        )
        for member in members:
            scopes.grant(group, member.id, (roles or {}).get(member.id, "member"))
        flush(collection, author_id=leader.id, now=NOW, origin=[])
    return group


def signed(kind: str = "peer_group_visibility", locale: str = "en") -> dict[str, str]:
    """A consent as a phone sends it."""
    return {"form": form_id(kind, locale=locale), "signature": " ".join(LEGAL_NAME)}


def invite(leader: User, group: Any, record: CareRecord, **options: Any) -> str:
    """Invite the record's patient. Returns the invitation's id."""
    outcome = act(leader, "groups.invite_member", group=group, record=record.id, **options)
    return str(outcome.data["group_invitation"])


def joining(invitation: str, alias: str, **changes: Any) -> dict[str, Any]:
    """The input of `groups.join`."""
    return {
        "invitation": invitation,
        "alias": alias,
        "avatar": "fern",
        "rules_accepted": True,
        "consent": signed(),
    } | changes


@dataclass
class Circle:
    """Dana's group with Ana and Ben in it, and Cleo, who is not; `circle.ana` is a user."""

    programme: Programme
    dana: User
    group: uuid.UUID
    records: dict[str, CareRecord]

    def __getattr__(self, name: str) -> User:
        if name not in self.records:
            raise AttributeError(name)
        return user_of(self.records[name])

    def card(self, user: User) -> str:
        return str(MemberCard.id_of(self.group, user.id))

    def bring_in(self, name: str, alias: str | None = None, now: datetime = NOW) -> User:
        """Invite a patient, who then joins. A new name is a new patient of the programme."""
        if name not in self.records:
            self.records[name] = make_patient(self.programme, self.dana)
        record = self.records[name]
        invitation = invite(self.dana, self.group, record)
        user = user_of(record)
        act(user, "groups.join", now=now, **joining(invitation, alias or name.title()))
        return user


def make_circle(**settings: Any) -> Circle:
    load_wordings()
    programme = make_programme(**settings)
    dana, group = employ(programme), uuid7()
    act(
        dana,
        "groups.create",
        id=group,
        programme=programme.id,
        name="Tuesday evening",
        alias="Dana",
    )
    circle = Circle(programme, dana, group, {"cleo": make_patient(programme, dana)})
    circle.bring_in("ana")
    circle.bring_in("ben")
    return circle
