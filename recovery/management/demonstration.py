"""A programme's made-up people and what has happened to them so far, through actions only."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from uuid_utils.compat import uuid7

from recovery.actions import SYSTEM, Call, perform
from recovery.feed import scopes
from recovery.people.models import StaffMember
from recovery.practice.models import Exercise
from recovery.privacy.models import Notice, Wording
from recovery.privacy.queries import form_in_force, notice_in_force
from recovery.signin.models import User

JOINING = "peer_group_visibility"
People = dict[str, Any]
W = TypeVar("W", bound=Wording)


@dataclass(frozen=True)
class SignIn:
    """How one of them signs in for the first time; `code` is known only now."""

    role: str
    name: str
    email: str
    code: str
    date_of_birth: str


def has_staff(programme_id: uuid.UUID) -> bool:
    """Whether real or made-up people work for this programme already."""
    return bool(StaffMember.objects.in_scope(programme_id).exists())


class Demonstration:
    """Brings in everybody of one file; `people` is that file's content."""

    def __init__(self, people: People, programme_id: uuid.UUID, now: datetime) -> None:
        self.people, self.programme, self.now = people, str(programme_id), now
        self.users: dict[str, User] = {}
        self.records: dict[str, str] = {}
        self.sign_ins: list[SignIn] = []

    def load(self) -> list[SignIn]:
        """Everything in the order in which it would have happened; how they all sign in."""
        for member in self.people["staff"]:
            self._employ(dict(member))
        for patient in self.people["patients"]:
            self._admit(dict(patient))
        for key in self.people["alumni"]:
            self._let_coordinator_in(key)
        for group in self.people["groups"]:
            self._open_group(group)
        for wanted in self.people["assignments"]:
            self._assign(**wanted)
        for key in self.people["alumni"]:
            self._graduate(key)
        return self.sign_ins

    def _do(self, who: str, action: str, **data: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        actor: Any = self.users.get(who, SYSTEM)
        outcome = perform(action, data=data, call=Call(actor=actor, now=self.now))
        return outcome.data or {}, outcome.once or {}

    def _employ(self, person: People) -> None:
        """The first one is nobody's colleague yet, so the system invites them."""
        key, asks = person.pop("key"), next(iter(self.users), "")
        data, once = self._do(
            asks, "people.invite_staff", programme=self.programme, by_email=False, **person
        )
        self._welcome(key, data["user"], person["role"], person, once["code"])

    def _admit(self, person: People) -> None:
        key, person["date_of_birth"] = person.pop("key"), str(person["date_of_birth"])
        data, once = self._do(
            self.people["counsellor"],
            "care.admit_patient",
            programme=self.programme,
            by_email=False,
            **person,
        )
        self.records[key] = data["record"]
        role = "alumna" if key in self.people["alumni"] else "patient"
        self._welcome(key, data["user"], role, person, once["code"])
        signed = {"signed_name": self._name(person)}
        notice = self._notice(person["locale"])
        self._do(key, "privacy.acknowledge_notice", notice=str(notice.id), **signed)

    def _welcome(self, key: str, user_id: str, role: str, person: People, code: str) -> None:
        """The address counts as confirmed, so that they can sign in with mailed codes later:
        it is nobody's, and its letters go where whoever tries this out can read them."""
        self.users[key] = User.objects.get(id=user_id)
        self._do(key, "people.accept_invitation", by_email=True)
        born = person.get("date_of_birth", "")
        self.sign_ins.append(SignIn(role, self._name(person), person["email"], code, born))

    def _let_coordinator_in(self, key: str) -> None:
        coordinator = str(self.users[self.people["coordinator"]].id)
        data = {"record": self.records[key], "user": coordinator}
        self._do(self.people["counsellor"], "care.assign_team_member", **data)

    def _open_group(self, group: People) -> None:
        leader, id_ = group["leader"], str(uuid7())
        opened = {"id": id_, "name": group["name"], "alias": group["alias"]}
        self._do(leader, "groups.create", programme=self.programme, **opened)
        for member in group["members"]:
            self._bring_in(leader, id_, **member)
        first = {"first_date": str(self.now.date()), "scope": f"group:{id_}"}
        self._do(leader, "care.create_series", **first, **group["series"])

    def _bring_in(self, leader: str, group: str, *, key: str, alias: str, avatar: str) -> None:
        invited = {"group": group, "record": self.records[key]}
        data, _ = self._do(leader, "groups.invite_member", **invited)
        self._do(
            key,
            "groups.join",
            invitation=data["group_invitation"],
            alias=alias,
            avatar=avatar,
            rules_accepted=True,
            consent=self._consent(key),
        )

    def _assign(self, *, patient: str, exercise: str, note: str) -> None:
        found = Exercise.objects.get(slug=exercise)
        wanted = {"id": str(uuid7()), "exercise": str(found.id), "note": note}
        record = self.records[patient]
        self._do(self.people["counsellor"], "practice.assign_exercise", record=record, **wanted)

    def _graduate(self, key: str) -> None:
        stays = [str(self.users[self.people[who]].id) for who in ("counsellor", "coordinator")]
        done = {"record": self.records[key], "reason": "Goals reached", "stays": stays}
        self._do(self.people["counsellor"], "care.make_alumnus", **done)

    def _notice(self, locale: str) -> Notice:
        return _loaded(notice_in_force(scopes.scope_id(f"library:{locale}"), self.now.date()))

    def _consent(self, key: str) -> dict[str, str]:
        person = next(each for each in self.people["patients"] if each["key"] == key)
        library = scopes.scope_id(f"library:{person['locale']}")
        form = _loaded(form_in_force(library, JOINING, self.now.date()))
        return {"form": str(form.id), "signature": self._name(person)}

    def _name(self, person: People) -> str:
        return f"{person['given_name']} {person['family_name']}"


def _loaded(wording: W | None) -> W:
    if wording is None:
        raise LookupError("There is nothing to sign yet: run load_notice first.")
    return wording
