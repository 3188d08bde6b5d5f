"""Creates a programme's demonstration people and their history, through actions only."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from uuid_utils.compat import uuid7

from recovery.actions import SYSTEM, Call, perform
from recovery.feed import scopes
from recovery.feed.context import Actor
from recovery.people.models import StaffMember, whole_name
from recovery.people.rules import NAME_PARTS
from recovery.practice.models import Exercise
from recovery.privacy.models import Wording
from recovery.privacy.queries import form_in_force, notice_in_force
from recovery.signin.models import User

JOINING = "peer_group_visibility"
People = dict[str, Any]
W = TypeVar("W", bound=Wording)


@dataclass(frozen=True)
class SignIn:
    """How one of them signs in for the first time. `code` is not stored anywhere."""

    role: str
    name: str
    email: str
    code: str
    date_of_birth: str


def has_staff(programme_id: uuid.UUID) -> bool:
    """Whether the programme has staff, real or for demonstration."""
    return bool(StaffMember.objects.in_scope(programme_id).exists())


class Demonstration:
    """Creates everyone in one file. `people` is the content of that file."""

    def __init__(self, people: People, programme_id: uuid.UUID, now: datetime) -> None:
        self.people, self.programme, self.now = people, str(programme_id), now
        self.users: dict[str, User] = {}
        self.records: dict[str, str] = {}
        self.sign_ins: list[SignIn] = []

    def load(self) -> list[SignIn]:
        """Perform the actions in their natural order. Returns how everyone signs in."""
        for member in self.people["staff"]:
            self._invite_staff(dict(member))
        for patient in self.people["patients"]:
            self._admit(dict(patient))
        coordinator = str(self.users[self.people["coordinator"]].id)
        for key in self.people["alumni"]:
            data = {"record": self.records[key], "user": coordinator}
            self._do(self.people["counsellor"], "care.assign_team_member", **data)
        for group in self.people["groups"]:
            self._open_group(group)
        for assignment in self.people["assignments"]:
            self._assign(**assignment)
        team = [str(self.users[self.people[role]].id) for role in ("counsellor", "coordinator")]
        for key in self.people["alumni"]:
            change = {"record": self.records[key], "reason": "Goals reached", "stays": team}
            self._do(self.people["counsellor"], "care.make_alumnus", **change)
        return self.sign_ins

    def _do(
        self, actor_key: str, action: str, **data: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        actor: Actor = self.users.get(actor_key, SYSTEM)
        outcome = perform(action, data=data, call=Call(actor=actor, now=self.now))
        return outcome.data or {}, outcome.once or {}

    def _invite_staff(self, person: People) -> None:
        # The first one has no colleague who could invite them, so the system does.
        key, inviter = person.pop("key"), next(iter(self.users), "")
        data, once = self._do(
            inviter, "people.invite_staff", programme=self.programme, by_email=False, **person
        )
        self._enrol(key, data["user"], person["role"], person, once["code"])

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
        self._enrol(key, data["user"], role, person, once["code"])
        library = scopes.scope_id(f"library:{person['locale']}")
        notice = _loaded(notice_in_force(library, self.now.date()))
        signature = {"notice": str(notice.id), "signed_name": self._name(person)}
        self._do(key, "privacy.acknowledge_notice", **signature)

    def _enrol(self, key: str, user_id: str, role: str, person: People, code: str) -> None:
        self.users[key] = User.objects.get(id=user_id)
        # The address counts as confirmed, so that they can sign in later with codes by e-mail. It
        # belongs to no real person, and e-mails to it go to a local folder.
        self._do(key, "people.accept_invitation", by_email=True)
        born = person.get("date_of_birth", "")
        self.sign_ins.append(SignIn(role, self._name(person), person["email"], code, born))

    def _open_group(self, group: People) -> None:
        leader, id_ = group["leader"], str(uuid7())
        names = {"name": group["name"], "alias": group["alias"]}
        self._do(leader, "groups.create", programme=self.programme, id=id_, **names)
        for member in group["members"]:
            self._add_member(leader, id_, **member)
        start = {"first_date": str(self.now.date()), "scope": f"group:{id_}"}
        self._do(leader, "care.create_series", **start, **group["series"])

    def _add_member(self, leader: str, group: str, *, key: str, alias: str, avatar: str) -> None:
        record = self.records[key]
        data, _ = self._do(leader, "groups.invite_member", group=group, record=record)
        person = next(each for each in self.people["patients"] if each["key"] == key)
        library = scopes.scope_id(f"library:{person['locale']}")
        form = _loaded(form_in_force(library, JOINING, self.now.date()))
        self._do(
            key,
            "groups.join",
            invitation=data["group_invitation"],
            alias=alias,
            avatar=avatar,
            rules_accepted=True,
            consent={"form": str(form.id), "signature": self._name(person)},
        )

    def _assign(self, *, patient: str, exercise: str, note: str) -> None:
        data = {
            "id": str(uuid7()),
            "record": self.records[patient],
            "exercise": str(Exercise.objects.get(slug=exercise).id),
            "note": note,
        }
        self._do(self.people["counsellor"], "practice.assign_exercise", **data)

    def _name(self, person: People) -> str:
        return whole_name(**{part: person.get(part, "") for part in NAME_PARTS})


def _loaded(wording: W | None) -> W:
    if wording is None:
        raise LookupError("There is no text to sign yet. Run load_notice first.")
    return wording
