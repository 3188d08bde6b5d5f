"""No function that runs as the owner, and no grant, lets a patient reach the rows of others.

Each is attacked as role `app`, inside a transaction in which Ana is the acting user, with the
scopes, users and programmes of others. It must answer nothing, and every row of every table must
be the same afterwards. A function or a grant that is not attacked fails the guards.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction
from psycopg.errors import InsufficientPrivilege
from uuid_utils.compat import uuid7

from recovery.actions.models import AuditEvent
from recovery.feed import scopes
from recovery.feed.context import set_actor
from recovery.feed.models import Membership
from recovery.feed.walls import WALLED, table_class
from tests.architecture.attacks import ATTACKS, HARMLESS, Arguments, World, make_world
from tests.cast import NOW, act, employ
from tests.roles import set_scene

pytestmark = [pytest.mark.django_db, pytest.mark.without_the_filter]


@pytest.fixture
def world() -> World:
    return make_world()


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


def begin(user: uuid.UUID) -> None:
    """As the first statement of a request does; what the cast did before is another transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT begin_action(%s, %s, NULL, NULL)", [user, uuid7()])


def attack(user: uuid.UUID, statement: str, arguments: Any) -> list[tuple[Any, ...]]:
    """The rows of one statement in the user's transaction, none if it is refused. It stays done."""
    begin(user)
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
        rows = attack(world.me, f"SELECT * FROM {name}({call})", arguments)  # noqa: S608
        assert all(value in NO for row in rows for value in row), (arguments, rows)
        with connection.cursor() as cursor:
            cursor.execute("SELECT acting_user()")
            assert cursor.fetchone() == (world.me,), arguments
    assert every_row() == before


def without_staff(record: uuid.UUID) -> None:
    with set_scene(), connection.cursor() as cursor:
        staff = Membership.objects.filter(scope_id=record).exclude(role="patient")
        for user in list(staff.values_list("user_id", flat=True)):
            cursor.execute("SELECT revoke_membership(%s, %s)", [record, user])


def filling(world: World, scope: uuid.UUID, member: uuid.UUID, **changes: Any) -> Arguments:
    place = {"scope": scope, "of_kind": "care", "lacking": "cares", "member": member}
    return place | {"new_role": "counsellor"} | changes


FILL = "SELECT fill_unstaffed(%(scope)s, %(of_kind)s, %(lacking)s, %(member)s, %(new_role)s)"


def test_an_administrator_fills_only_what_nobody_is_in(world: World) -> None:
    """Cleo's record has nobody. Ana's has Dana; the patient of another programme is not theirs."""
    fay, lee = employ(world.circle.programme, "admin"), employ(world.circle.programme)
    empty, led = world.circle.records["cleo"].id, world.circle.records["ana"].id
    for scope in (empty, world.care.record.id):
        without_staff(scope)
    before = every_row()
    for wrong in (
        filling(world, led, lee.id),
        filling(world, led, lee.id, lacking="manages"),
        filling(world, led, lee.id, lacking=""),
        filling(world, led, fay.id, new_role="admin", lacking="coordinates"),
        filling(world, world.circle.group, fay.id, of_kind="group", new_role="facilitator"),
        filling(world, world.care.record.id, lee.id),
        filling(world, world.care.record.id, world.care.counsellor.id),
        filling(world, empty, world.care.counsellor.id),
        filling(world, empty, world.circle.cleo.id),
        filling(world, empty, world.me, new_role="patient"),
        filling(world, empty, lee.id, new_role="clinician"),
        filling(world, empty, lee.id, new_role=None),
    ):
        assert attack(fay.id, FILL, wrong) == [], wrong
    # Nor does it help to call it a grant.
    grant = "SELECT grant_membership(%s, %s, 'admin', false, false)"
    for scope in (empty, led):
        assert attack(fay.id, grant, [scope, fay.id]) == []
    assert every_row() == before
    assert attack(fay.id, FILL, filling(world, empty, lee.id)) != []
    with set_scene():
        assert scopes.role_of(empty, lee.id) == "counsellor"


def test_staff_who_do_not_manage_learn_of_no_empty_place(world: World) -> None:
    empty = world.circle.records["cleo"].id
    without_staff(empty)
    before = every_row()
    lee = world.circle.dana.id
    assert attack(lee, FILL, filling(world, empty, lee)) == []
    listed = "SELECT * FROM unstaffed_scopes(%s, 'care', 'cares')"
    assert attack(lee, listed, [world.home]) == []
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
        "UPDATE recovery_user SET is_active = false WHERE id = ANY (%(others)s)",
        "UPDATE recovery_user SET email = 'ana@example.org' WHERE id = ANY (%(others)s)",
        "INSERT INTO recovery_user (id) VALUES (gen_random_uuid())",
        "UPDATE recovery_user SET is_staff = true",
        "UPDATE recovery_user SET id = gen_random_uuid(), created_at = now(), password = ''",
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
            [world.circle.dana.id],
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
        "others": world.others,
        "stranger": world.care.patient.id,
        "other_home": world.other_home,
    }
    for statement in ELSEWHERE[table]:
        attack(world.me, statement, names)
    assert every_row() == before


def test_a_table_of_scopes_takes_no_foreign_row_and_gives_none_up(world: World) -> None:
    """For all of them at once: each statement reaches Ana's own rows only."""
    foreign = world.foreign
    before = rows_of(foreign)
    for model in walled():
        table, column = model._meta.db_table, getattr(model, "scope_column", "scope_id")
        for scope in foreign:
            insert = f"INSERT INTO {table} ({column}) VALUES (%s)"  # noqa: S608
            assert attack(world.me, insert, [scope]) == []
        for statement in (
            f"UPDATE {table} SET {column} = {column} WHERE {column} = ANY (%s)",  # noqa: S608
            f"DELETE FROM {table} WHERE {column} = ANY (%s)",  # noqa: S608
        ):
            attack(world.me, statement, [foreign])
    assert rows_of(foreign) == before


def rows_of(scopes_: list[uuid.UUID]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    with set_scene(), connection.cursor() as cursor:
        for model in walled():
            table, column = model._meta.db_table, getattr(model, "scope_column", "scope_id")
            cursor.execute(
                f"SELECT count(*), min(ctid::text), max(ctid::text) FROM {table}"  # noqa: S608
                f" WHERE {column} = ANY (%s)",
                [scopes_],
            )
            kept[table] = cursor.fetchone()
    assert sum(n for n, *_ in kept.values()) > 20
    return kept


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
