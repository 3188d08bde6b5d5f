"""No function that runs as the owner, and no grant, lets a patient reach the rows of others.

Each is attacked as role `app`, inside a transaction in which Ana is the acting user, with the
scopes, users and programmes of others. It must answer nothing, and every row of every table must
be the same afterwards. A function or a grant that is not attacked fails the guards.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction
from psycopg.errors import InsufficientPrivilege
from uuid_utils.compat import uuid7

from recovery.actions.models import AuditEvent
from recovery.feed import scopes
from recovery.feed.context import set_actor
from recovery.feed.walls import WALLED, table_class
from tests.cast import NOW, Care, Circle, act, in_care, make_circle, sign_in
from tests.roles import set_scene

pytestmark = [pytest.mark.django_db, pytest.mark.without_the_filter]

Arguments = dict[str, Any]
NOTHING = {"scopes": [], "kinds": [], "objects": [], "docs": [], "said_at": [], "changed_acl": []}


@dataclass
class World:
    """Ana is a patient in Dana's group. Ben is in it too, Cleo is in Dana's care, and the rest is
    another programme."""

    circle: Circle
    care: Care

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
    def read_only(self) -> list[uuid.UUID]:
        """Scopes in which Ana only reads."""
        return [self.home, scopes.scope_id("library:en")]


@pytest.fixture
def world() -> World:
    return World(make_circle(), in_care())


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


def of_strangers(name: str, **others: Any) -> Callable[[World], Iterator[Arguments]]:
    return lambda world: ({name: user} | others for user in world.strangers)


def audiences(world: World) -> Iterator[Arguments]:
    for scope in world.foreign:
        yield {"scope": scope, "users": [world.ben, *world.strangers]}


def sessions(world: World) -> Iterator[Arguments]:
    with set_scene():
        theirs = [sign_in(user)["session"] for user in (world.circle.ben, world.care.counsellor)]
    set_actor(world.me)
    yield {"asked": [uuid.UUID(one) for one in theirs], "at": NOW}


def invitations(world: World) -> Iterator[Arguments]:
    yield {"invitation": uuid7()}


ATTACKS: dict[str, Callable[[World], Iterator[Arguments]]] = {
    "act_for": of_strangers("person"),
    "act_for_leader": lambda world: (
        {"person": p, "invitation": uuid7()} for p in [world.circle.dana.id, *world.strangers]
    ),
    "act_for_peer": of_strangers("person"),
    "change_staff_places": places,
    "end_action": endings,
    "flush_feed": flushes,
    "grant_membership": grants,
    "is_known_install": lambda world: iter([{"address": "ana@example.org", "by_install": b""}]),
    "join_library": libraries,
    "live_audience": audiences,
    "live_heads": lambda world: iter([{"scopes": world.foreign}]),
    "live_moved": lambda world: iter([{"users": [world.ben, *world.strangers], "sums": [0] * 4}]),
    "manages": lambda world: iter([{"programme": p} for p in (world.home, world.other_home)]),
    "may_act_for": of_strangers("person"),
    "may_open_account": nobody(),
    "note_reads": reads,
    "note_sign_in_attempt": attempts,
    "notifications_take_over": lambda world: iter(
        [{"device_fingerprint": b"", "new_owner": user} for user in world.strangers]
    ),
    "open_scope": openings,
    "queue_sign_in_code": codes,
    "release_memberships": of_strangers("member"),
    "revoke_membership": revocations,
    "session_by_access_token": nobody("presented", "at"),
    "sessions_that_live": sessions,
    "take_invitation": nobody("presented", "by_install", "at"),
    "take_session_by_family": nobody("presented"),
}
# They take nothing and tell nothing of others.
HARMLESS = {"scopes_of_acting_user", "sync_epoch"}
# What stands for "no": no row, or one of these.
NO = (None, False, "", [])


def every_row() -> dict[str, str]:
    """A checksum of each table, with the place of each row, which any update moves."""
    with set_scene(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r' AND has_table_privilege('jobs', oid, 'SELECT')"
        )
        names = [name for (name,) in cursor.fetchall()]
        parts = [
            f"SELECT '{name}', coalesce(sum(hashtextextended(t.ctid::text || t::text, 0)), 0)::text"  # noqa: S608
            f" FROM {name} AS t"
            for name in names
        ]
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def begin(world: World) -> None:
    """As the first statement of a request does; what the cast did before is another transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT begin_action(%s, %s, NULL, NULL)", [world.me, uuid7()])


def attack(world: World, statement: str, arguments: Any) -> list[tuple[Any, ...]]:
    """The rows of one statement in Ana's transaction, none if it is refused. It stays done."""
    begin(world)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, arguments)
            return cursor.fetchall() if cursor.description else []
    except ProgrammingError as refused:
        if isinstance(refused.__cause__, InsufficientPrivilege):
            return []
        raise


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_a_function_does_and_tells_nothing(world: World, name: str) -> None:
    cases = list(ATTACKS[name](world))
    before = every_row()
    for arguments in cases:
        call = ", ".join(f"{key} => %({key})s" for key in arguments)
        told = attack(world, f"SELECT * FROM {name}({call})", arguments)  # noqa: S608
        assert all(value in NO for row in told for value in row), (arguments, told)
        with connection.cursor() as cursor:
            cursor.execute("SELECT acting_user()")
            assert cursor.fetchone() == (world.me,), arguments
    assert every_row() == before


def test_every_function_is_attacked() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname::text FROM pg_proc WHERE prosecdef AND"
            " pronamespace = 'public'::regnamespace AND"
            " has_function_privilege('app', oid, 'EXECUTE')"
        )
        assert {name for (name,) in cursor.fetchall()} == ATTACKS.keys() | HARMLESS


def test_no_function_has_a_former_form() -> None:
    """With other parameters it would be another function, without the checks of this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname::text FROM pg_proc WHERE prosecdef AND"
            " pronamespace = 'public'::regnamespace GROUP BY proname HAVING count(*) > 1"
        )
        assert cursor.fetchall() == []


# Tables without scopes: what Ana tries with the rows of others.
ELSEWHERE: dict[str, tuple[str, ...]] = {
    "recovery_user": (
        "UPDATE recovery_user SET is_active = false WHERE id = ANY (%(strangers)s)",
        "UPDATE recovery_user SET email = 'ana@example.org' WHERE id = ANY (%(strangers)s)",
        "INSERT INTO recovery_user (id) VALUES (gen_random_uuid())",
    ),
    "recovery_programme": (
        "UPDATE recovery_programme SET minimum_age = 99",
        "INSERT INTO recovery_programme (id) VALUES (gen_random_uuid())",
        "SELECT FROM recovery_programme FOR UPDATE",
    ),
    "recovery_levelofcare": (
        "UPDATE recovery_levelofcare SET offered = false",
        (
            "INSERT INTO recovery_levelofcare (id, programme_id) VALUES"
            " (gen_random_uuid(), %(other_home)s)"
        ),
    ),
    "mfa_authenticator": (
        "UPDATE mfa_authenticator SET data = '{}'",
        "DELETE FROM mfa_authenticator",
        (
            "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
            " VALUES (%(stranger)s, 'totp', '{}', now())"
        ),
    ),
    "account_emailaddress": (
        "UPDATE account_emailaddress SET verified = true",
        "DELETE FROM account_emailaddress",
        (
            'INSERT INTO account_emailaddress (user_id, email, verified, "primary")'
            " VALUES (%(stranger)s, 'ana@example.org', true, true)"
        ),
    ),
}
# Ana may write here, each for the reason given.
OPEN = {
    "django_session": "a ceremony of sign-in is named by a secret, and over within minutes",
    "recovery_attempts": "counts requests of people who are not known yet",
    "procrastinate_jobs": "a job commits with its cause; nobody can read or change one",
    "procrastinate_events": "written with a job",
}


def walled() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if table_class(model) in WALLED]


def seed_credentials(world: World) -> None:
    with transaction.atomic(), set_scene(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
            " VALUES (%s, 'totp', '{}', now())",
            [world.care.patient.id],
        )
        cursor.execute(
            'INSERT INTO account_emailaddress (user_id, email, verified, "primary")'
            " VALUES (%s, 'pat@example.org', false, true)",
            [world.care.patient.id],
        )


@pytest.mark.parametrize("table", sorted(ELSEWHERE))
def test_a_table_without_scopes_is_not_written(world: World, table: str) -> None:
    seed_credentials(world)
    before = every_row()
    names = {
        "strangers": world.strangers,
        "stranger": world.care.patient.id,
        "other_home": world.other_home,
    }
    for statement in ELSEWHERE[table]:
        attack(world, statement, names)
    assert every_row() == before


def test_a_table_of_scopes_takes_no_foreign_row_and_gives_none_up(world: World) -> None:
    """For all of them at once: each statement reaches Ana's own rows only."""
    foreign = world.foreign
    before = rows_of(foreign)
    for model in walled():
        table, column = model._meta.db_table, getattr(model, "scope_column", "scope_id")
        for scope in foreign:
            insert = f"INSERT INTO {table} ({column}) VALUES (%s)"  # noqa: S608
            assert attack(world, insert, [scope]) == []
        for statement in (
            f"UPDATE {table} SET {column} = {column} WHERE {column} = ANY (%s)",  # noqa: S608
            f"DELETE FROM {table} WHERE {column} = ANY (%s)",  # noqa: S608
        ):
            attack(world, statement, [foreign])
    assert rows_of(foreign) == before


def rows_of(scopes_: list[uuid.UUID]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with set_scene(), connection.cursor() as cursor:
        for model in walled():
            table, column = model._meta.db_table, getattr(model, "scope_column", "scope_id")
            cursor.execute(
                f"SELECT count(*), min(ctid::text), max(ctid::text) FROM {table}"  # noqa: S608
                f" WHERE {column} = ANY (%s)",
                [scopes_],
            )
            found[table] = cursor.fetchone()
    assert sum(n for n, *_ in found.values()) > 20
    return found


def test_every_table_that_app_writes_is_attacked() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname::text FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND (has_any_column_privilege('app', oid, 'INSERT, UPDATE')"
            " OR has_table_privilege('app', oid, 'DELETE, TRUNCATE'))"
        )
        written = {name for (name,) in cursor.fetchall()}
    scoped = {model._meta.db_table for model in walled()}
    assert written - scoped == ELSEWHERE.keys() | OPEN.keys()


def test_nobody_adds_to_the_audit_directly(world: World) -> None:
    row = AuditEvent(
        scope_id=world.me,
        at=NOW,
        actor_id=world.me,
        action="privacy.acknowledge_notice",
        outcome="applied",
        request_id=uuid7(),
    )
    set_actor(world.me)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        row.save(force_insert=True)


def test_the_entry_of_an_action_lists_what_was_stored(world: World) -> None:
    posted = act(
        world.circle.ana, "groups.post_message", group=world.circle.group, id=uuid7(), text="Hi"
    )
    set_actor(world.me)
    entry = AuditEvent.objects.in_scope(world.circle.group).latest("id")
    assert entry.actor_id == world.me
    assert entry.objects_touched == [
        ["message", posted.data["message"], str(world.circle.group)]
    ], json.dumps(posted.data)
