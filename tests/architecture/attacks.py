"""What test_wall_for_writing.py attacks the functions that run as the owner with."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

from uuid_utils.compat import uuid7

from recovery.feed import scopes
from recovery.feed.context import set_actor
from recovery.people.models import Invitation
from tests.cast import NOW, Care, Circle, in_care, make_circle, sign_in
from tests.cast.groups import invite
from tests.roles import set_scene

Arguments = dict[str, Any]
NOTHING = {"scopes": [], "kinds": [], "objects": [], "docs": [], "said_at": [], "changed_acl": []}


@dataclass
class World:
    """Ana is a patient in Dana's group. Ben is in it too, Cleo is in Dana's care, and the rest is
    another programme."""

    circle: Circle
    care: Care
    # Cleo's, to the group. It is open.
    invitation: str

    @property
    def me(self) -> uuid.UUID:
        return self.circle.ana.id

    @property
    def ben(self) -> uuid.UUID:
        return self.circle.ben.id

    @property
    def home(self) -> uuid.UUID:
        return self.circle.programme.id

    @property
    def other_home(self) -> uuid.UUID:
        return self.care.record.programme_id

    @property
    def foreign(self) -> list[uuid.UUID]:
        """Scopes that Ana is not in."""
        mine, others = self.circle, self.care
        return [
            mine.records["ben"].id,
            mine.records["cleo"].id,
            self.ben,
            mine.dana.id,
            scopes.scope_id(f"staff:{self.home}"),
            others.record.id,
            others.patient.id,
            self.other_home,
            scopes.scope_id(f"staff:{self.other_home}"),
            scopes.scope_id("library:es"),
        ]

    @property
    def strangers(self) -> list[uuid.UUID]:
        """Users with whom Ana shares no record, group or pair."""
        return [self.circle.cleo.id, self.care.patient.id, self.care.counsellor.id]

    @property
    def others(self) -> list[uuid.UUID]:
        """Everyone but Ana: also Ben and Dana, who is her counsellor and leads their group."""
        return [self.ben, self.circle.dana.id, *self.strangers]

    @property
    def read_only(self) -> list[uuid.UUID]:
        """Scopes in which Ana only reads."""
        return [self.home, scopes.scope_id("library:en")]


def make_world() -> World:
    circle = make_circle()
    return World(circle, in_care(), invite(circle.dana, circle.group, circle.records["cleo"]))


def end_action(world: World, **changes: Any) -> Arguments:
    return (
        NOTHING
        | {
            "audit_id": uuid7(),
            "actor": world.me,
            "session": None,
            "action": "groups.post_message",
            "outcome": "attempted",
            "key": uuid7(),
            "fingerprint": b"",
            "client": None,
            "client_lane": None,
            "mutation": None,
            "refusal": "",
            "answer": "{}",
            "at": NOW,
        }
        | changes
    )


def documents(scope: uuid.UUID) -> Arguments:
    return {
        "scopes": [scope],
        "kinds": ["group_message"],
        "objects": [uuid7()],
        "docs": ["{}"],
        "said_at": [NOW],
    }


def flushes(world: World) -> Iterator[Arguments]:
    for scope in [*world.foreign, *world.read_only]:
        yield NOTHING | {"author": world.me, "at": NOW} | documents(scope)
        yield NOTHING | {"author": world.me, "at": NOW, "changed_acl": [scope]}
    for author in (None, world.ben):
        yield NOTHING | {"author": author, "at": NOW} | documents(world.me)


def endings(world: World) -> Iterator[Arguments]:
    for scope in [*world.foreign, *world.read_only]:
        yield end_action(world, **documents(scope))
        yield end_action(world, changed_acl=[scope])
    for actor in [world.ben, *world.strangers, uuid.UUID(int=0)]:
        yield end_action(world, actor=actor)


def openings(world: World) -> Iterator[Arguments]:
    kinds = ("person", "care", "group", "pair", "program", "staff", "library", "moderators")
    roles = ("self", "counsellor", "admin", "facilitator", "patient", "librarian")
    for kind in kinds:
        for role in roles:
            for home in (world.home, world.other_home):
                new = uuid7()
                yield {
                    "new_id": new,
                    "new_name": f"{kind}:{new}",
                    "new_kind": kind,
                    "home": home,
                    "first_user": world.me,
                    "first_role": role,
                }
    # A pair is for herself, in her own programme, and has its own name.
    pair = {"new_id": uuid7(), "new_kind": "pair", "first_role": "member"}
    own = {"home": world.home, "first_user": world.me}
    yield pair | own | {"new_name": f"staff:{world.home}"}
    yield pair | own | {"new_name": f"pair:{pair['new_id']}", "first_user": world.ben}
    yield pair | own | {"new_name": f"pair:{pair['new_id']}", "home": world.other_home}


def grants(world: World) -> Iterator[Arguments]:
    roles = ("admin", "counsellor", "facilitator", "member", "patient", "alumnus", "librarian")
    inside = [world.circle.group, world.circle.records["ana"].id, *world.read_only]
    for scope in [*world.foreign, *inside]:
        for role in roles:
            for member in (world.me, world.ben, world.care.patient.id):
                yield {
                    "scope": scope,
                    "member": member,
                    "new_role": role,
                    "is_held": False,
                    "from_now": False,
                }


def revocations(world: World) -> Iterator[Arguments]:
    for scope in [*world.foreign, world.circle.group, world.circle.records["ana"].id, world.home]:
        for member in (world.ben, world.circle.dana.id, world.care.counsellor.id):
            yield {"scope": scope, "member": member}


def places(world: World) -> Iterator[Arguments]:
    for home, member in [
        (world.home, world.circle.dana.id),
        (world.other_home, world.care.counsellor.id),
    ]:
        for role in (None, "admin", "counsellor"):
            yield {
                "programme": home,
                "staff_scope": scopes.scope_id(f"staff:{home}"),
                "member": member,
                "new_role": role,
            }
            # Her own scope in place of the staff's, which is how it was passed before.
            yield {
                "programme": home,
                "staff_scope": world.me,
                "member": member,
                "new_role": role,
            }


def codes(world: World) -> Iterator[Arguments]:
    for person in [world.ben, *world.strangers]:
        yield {
            "letter": uuid7(),
            "person": person,
            "is_known": True,
            "letter_type": "people.sign_in_code",
            "mail": "code",
            "sealed": b"",
            "at": NOW,
            "expires": NOW + timedelta(minutes=10),
        }


ATTEMPT: Arguments = {"network": b"", "hour": NOW, "is_known": True, "most": 9}


def attempts(world: World) -> Iterator[Arguments]:
    for person in [world.ben, *world.strangers]:
        yield {
            **ATTEMPT,
            "event": uuid7(),
            "person": person,
            "action": "people.passkey",
            "outcome": "refused",
            "at": NOW,
        }
    # Nor that something was applied.
    yield {
        **ATTEMPT,
        "event": uuid7(),
        "person": world.me,
        "action": "care.admit_patient",
        "outcome": "applied",
        "at": NOW,
    }


def reads(world: World) -> Iterator[Arguments]:
    for scope in world.foreign:
        yield {
            "events": [uuid7()],
            "scopes": [scope],
            "objects": "[[]]",
            "session": None,
            "action": "read checkin",
            "request": uuid7(),
            "at": NOW,
        }


def libraries(world: World) -> Iterator[Arguments]:
    library = scopes.scope_id("library:es")
    for member in [world.ben, *world.strangers]:
        yield {"library": library, "library_name": "library:es", "member": member}
    for scope in world.foreign[:-1]:
        yield {"library": scope, "library_name": "library:es", "member": world.me}
    yield {"library": uuid7(), "library_name": "library:xx", "member": world.me}


def nobody(*names: str) -> Callable[[World], Iterator[Arguments]]:
    """A function that takes no parameters, or only a secret that nobody has."""

    def arguments(world: World) -> Iterator[Arguments]:
        times: Arguments = {"at": NOW} if "at" in names else {}
        yield times | {name: b"unknown" for name in names if name != "at"}

    return arguments


def of_foreign(name: str, **others: Any) -> Callable[[World], Iterator[Arguments]]:
    return lambda world: ({name: scope} | others for scope in world.foreign)


def of_others(name: str) -> Callable[[World], Iterator[Arguments]]:
    return lambda world: ({name: user} for user in world.others)


def of_staff_and_strangers(name: str) -> Callable[[World], Iterator[Arguments]]:
    return lambda world: ({name: user} for user in world.others if user != world.ben)


def audiences(world: World) -> Iterator[Arguments]:
    for scope in world.foreign:
        yield {"scope": scope, "users": [world.ben, *world.strangers]}


def sessions(world: World) -> Iterator[Arguments]:
    with set_scene():
        theirs = [sign_in(user)["session"] for user in (world.circle.ben, world.care.counsellor)]
    set_actor(world.me)
    yield {"asked": [uuid.UUID(one) for one in theirs], "at": NOW}


def invitations(world: World) -> Iterator[uuid.UUID]:
    """Of others, to their groups, and one that is not there."""
    yield from [uuid.UUID(world.invitation), uuid7()]


def leaders(world: World) -> Iterator[Arguments]:
    for invitation in invitations(world):
        for person in [world.circle.dana.id, world.ben, *world.strangers]:
            yield {"person": person, "invitation": invitation}


def answers(world: World) -> Iterator[Arguments]:
    """To the invitations of others."""
    with set_scene():
        rows = [
            Invitation(
                scope_id=scopes.scope_id(f"staff:{world.home}"),
                programme_id=world.home,
                user_id=user.id,
                for_staff=False,
                by_email=False,
                code_hash=b"code of " + user.id.bytes,
                created_at=NOW,
                expires_at=NOW + timedelta(hours=72),
                invited_by=world.circle.dana.id,
            )
            for user in (world.circle.ben, world.care.patient)
        ]
        for row in rows:
            row.save(force_insert=True)
    set_actor(world.me)
    for row, refuse in product(rows, (True, False)):
        yield {"invitation": row.id, "refuse": refuse, "at": NOW}


def addresses(world: World) -> Iterator[Arguments]:
    for user in (world.ben, *world.strangers):
        yield {"claimant": user, "address": "somewhere.else@example.org"}


def homes(world: World) -> Iterator[uuid.UUID]:
    yield from (world.home, world.other_home)


LACKING = ("cares", "treats", "moderates", "manages", "", None)


def unstaffed_scopes(world: World) -> Iterator[Arguments]:
    for home, kind, lacking in product(homes(world), ("care", "group", "person"), LACKING):
        yield {"programme": home, "of_kind": kind, "lacking": lacking}


def unstaffed_places(world: World) -> Iterator[Arguments]:
    scopes_ = [world.circle.group, world.circle.records["ana"].id, *world.foreign]
    for scope, kind, lacking in product(scopes_, ("care", "group", "person"), LACKING):
        yield {"scope": scope, "of_kind": kind, "lacking": lacking}


def fillings(world: World) -> Iterator[Arguments]:
    for place in unstaffed_places(world):
        for role in ("counsellor", "facilitator", "patient"):
            yield place | {"member": world.me, "new_role": role}


def unstaffed_reads(world: World) -> Iterator[Arguments]:
    for home, lacking in product(homes(world), LACKING):
        of = {"programme": home, "lacking": lacking, "most": 9}
        yield of | {"session": None, "request": uuid7(), "at": NOW}


ATTACKS: dict[str, Callable[[World], Iterator[Arguments]]] = {
    "act_for": of_others("person"),
    "act_for_leader": leaders,
    "act_for_peer": of_staff_and_strangers("person"),
    "answer_invitation": answers,
    "claim_address": addresses,
    "change_staff_places": places,
    "end_action": endings,
    "fill_unstaffed": fillings,
    "flush_feed": flushes,
    "grant_membership": grants,
    "is_known_install": lambda world: iter([{"address": "ana@example.org", "by_install": b""}]),
    "join_library": libraries,
    "leader_for_invited": lambda world: ({"invitation": one} for one in invitations(world)),
    "live_audience": audiences,
    "live_heads": lambda world: iter([{"scopes": world.foreign}]),
    "live_moved": lambda world: iter([{"users": [world.ben, *world.strangers], "sums": [0] * 4}]),
    "manages": lambda world: iter([{"programme": p} for p in (world.home, world.other_home)]),
    "may_act_for": of_others("person"),
    "may_open_account": nobody(),
    "note_reads": reads,
    "note_sign_in_attempt": attempts,
    "notifications_take_over": lambda world: iter(
        [{"device_fingerprint": b"", "new_owner": user} for user in world.strangers]
    ),
    "open_scope": openings,
    "programme_health": lambda world: (
        {"programme": home, "since": NOW - timedelta(days=7), "at": NOW} for home in homes(world)
    ),
    "programme_of_unstaffed": unstaffed_places,
    "queue_sign_in_code": codes,
    "records_born_on": lambda world: (
        {"programme": home, "born": world.care.record.date_of_birth} for home in homes(world)
    ),
    "redeem_invitation": lambda world: iter(
        [{"presented": [b"unknown"], "born": None, "by_install": b"", "at": NOW}]
    ),
    "release_memberships": of_others("member"),
    "revoke_membership": revocations,
    "session_by_access_token": nobody("presented", "at"),
    "sessions_that_live": sessions,
    "take_session_by_family": nobody("presented"),
    "unstaffed_groups": unstaffed_reads,
    "unstaffed_records": unstaffed_reads,
    "unstaffed_reviews": unstaffed_reads,
    "unstaffed_scopes": unstaffed_scopes,
    "was_a_code": lambda world: iter([{"presented": [b"unknown"]}]),
}
# They take nothing and tell nothing of others.
HARMLESS = {"scopes_of_acting_user", "sync_epoch"}
