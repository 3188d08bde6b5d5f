"""Every table has its walls, whatever created it. Read from PostgreSQL's catalogue."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction

from recovery.feed import scopes
from recovery.feed.context import set_actor
from recovery.feed.models import Membership
from recovery.feed.walls import WALLED, table_class
from recovery.signin.models import User
from tests.cast import make_circle, make_user

CLASSES = {"scoped", "personal", "reference", "account", "library"}
OURS = [m for m in apps.get_models() if m._meta.app_label in ("recovery", "notifications")]
BEHIND_THE_WALL = [m for m in OURS if table_class(m) in WALLED]
# Tables of libraries that `app` may use: sign-in ceremonies and the job queue.
LIBRARIES = (
    "django_",
    "auth_",
    "account_",
    "mfa_",
    "usersessions_",
    "procrastinate_",
)

pytestmark = pytest.mark.django_db


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def test_the_suite_runs_as_app_which_owns_nothing_and_bypasses_nothing() -> None:
    assert rows(
        "SELECT current_user::text, rolsuper, rolbypassrls,"
        " (SELECT count(*) FROM pg_class WHERE relowner = r.oid)"
        " FROM pg_roles AS r WHERE rolname = current_user"
    ) == [("app", False, False, 0)]


@pytest.mark.parametrize("model", OURS, ids=lambda m: m.__name__)
def test_every_model_declares_its_class(model: type[models.Model]) -> None:
    assert table_class(model) in CLASSES - {"library"}, f"{model.__name__}: declare table_class"


def test_every_table_belongs_to_a_model_or_a_library() -> None:
    known = {m._meta.db_table for m in apps.get_models(include_auto_created=True)}
    tables = {
        name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    }
    assert {t for t in tables - known if not t.startswith(LIBRARIES)} == set()


@pytest.mark.parametrize("model", BEHIND_THE_WALL, ids=lambda m: m.__name__)
def test_row_level_security_is_forced_with_the_one_policy(model: type[models.Model]) -> None:
    table = model._meta.db_table
    assert rows(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", table
    ) == [(True, True)]
    policies = dict(rows("SELECT policyname, qual FROM pg_policies WHERE tablename = %s", table))
    assert "IS NULL" not in policies["app"]
    assert "ANY" in policies["app"]
    assert {role for role, condition in policies.items() if condition == "true"} <= {
        "owner",
        "jobs",
        "pump",
    }
    assert not getattr(model, "pump", False) or "pump" in policies


@pytest.mark.parametrize("model", BEHIND_THE_WALL, ids=lambda m: m.__name__)
def test_nobody_acting_sees_nothing(model: type[models.Model]) -> None:
    assert model._default_manager.count() == 0


@pytest.mark.parametrize("model", BEHIND_THE_WALL, ids=lambda m: m.__name__)
def test_every_unique_constraint_contains_the_scope(model: type[models.Model]) -> None:
    column = getattr(model, "scope_column", "scope_id")
    keys = rows(
        "SELECT conname, array_agg(attname::text) FROM pg_constraint"
        " JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)"
        " WHERE conrelid = %s::regclass AND contype = 'u' GROUP BY conname",
        model._meta.db_table,
    )
    assert {name for name, columns in keys if column not in columns} == set()


@pytest.mark.parametrize("model", BEHIND_THE_WALL, ids=lambda m: m.__name__)
def test_a_reference_stays_in_its_scope(model: type[models.Model]) -> None:
    """A scoped row refers to rows of its scope by (scope, id) and to reference tables by id."""
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey):
            if table_class(field.related_model) in WALLED:
                assert not field.db_constraint, f"{field}: db_constraint=False, walls add the key"
                assert rows(
                    "SELECT 1 FROM pg_constraint WHERE conname = %s",
                    f"{model._meta.db_table}_{field.column}_in_scope",
                )
            else:
                assert table_class(field.related_model) == "reference"


@pytest.mark.parametrize(
    "model", [m for m in OURS if table_class(m) == "reference"], ids=lambda m: m.__name__
)
def test_a_reference_table_refers_to_no_person(model: type[models.Model]) -> None:
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey):
            assert table_class(field.related_model) == "reference"


def test_no_key_of_ours_comes_from_a_sequence() -> None:
    assert not rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema ="
        " 'public' AND (table_name LIKE 'recovery%%' OR table_name LIKE 'notifications%%')"
        " AND (column_default LIKE 'nextval%%' OR is_identity = 'YES')"
    )


def test_app_makes_no_temporary_tables() -> None:
    # In the template, because a copy of a database has none of its privileges.
    assert rows(
        "SELECT has_database_privilege('app', oid, 'TEMPORARY') FROM pg_database"
        " WHERE datname LIKE 'handrail_template_%%'"
    ) == [(False,)]


def test_append_only_tables_can_be_neither_changed_nor_emptied_by_app() -> None:
    for model in OURS:
        if getattr(model, "append_only", False):
            granted = {
                verb
                for (verb,) in rows(
                    "SELECT privilege_type FROM information_schema.role_table_grants"
                    " WHERE table_name = %s AND grantee = 'app'",
                    model._meta.db_table,
                )
            }
            by_jobs = table_class(model) == "reference"
            by_functions = getattr(model, "written_by_functions", False)
            assert granted == {"SELECT"} | (set() if by_jobs or by_functions else {"INSERT"})


# Those that `app` may execute are attacked in test_wall_for_writing.py.
DOORS = {
    "act_for",
    "act_for_leader",
    "act_for_peer",
    "answer_invitation",
    "claim_address",
    "end_action",
    "fill_unstaffed",
    "flush_feed",
    "grant_membership",
    "is_known_install",
    "join_library",
    "leader_for_invited",
    "live_audience",
    "live_heads",
    "live_moved",
    "manages",
    "may_act_for",
    "may_open_account",
    "note_reads",
    "note_sign_in_attempt",
    "notifications_expand",
    "notifications_take_over",
    "open_scope",
    "change_staff_places",
    "programme_health",
    "programme_of_unstaffed",
    "queue_sign_in_code",
    "release_memberships",
    "records_born_on",
    "redeem_invitation",
    "revoke_membership",
    "scopes_of_acting_user",
    "session_by_access_token",
    "sessions_that_live",
    "sync_epoch",
    "take_session_by_family",
    "unstaffed_groups",
    "unstaffed_records",
    "unstaffed_reviews",
    "unstaffed_scopes",
    "was_a_code",
}


# Only for the nightly maintenance.
OF_JOBS = {"age_scope", "collect_tombstones"}
# Only for the other functions.
INNER = {"become", "leaders_for", "may_place", "role_at"}


def doors_of(role: str) -> set[str]:
    """The SECURITY DEFINER functions that this role may execute."""
    return {
        name
        for (name,) in rows(
            "SELECT proname::text FROM pg_proc WHERE prosecdef"
            " AND pronamespace = 'public'::regnamespace"
            " AND has_function_privilege(%s::text, oid, 'EXECUTE')",
            role,
        )
    }


def test_only_serving_roles_may_run_the_functions_that_pass_the_wall() -> None:
    assert doors_of("public") == set()
    assert doors_of("pump") == {"notifications_expand"}
    assert doors_of("app") == DOORS - {"notifications_expand"}
    assert doors_of("jobs") >= OF_JOBS


def test_the_functions_that_pass_the_wall_are_known() -> None:
    """Each runs as the owner. A new one needs a review before it is listed here."""
    assert doors_of("owner") == DOORS | OF_JOBS | INNER
    assert all(
        "search_path=public, pg_temp" in (config or [])
        for (config,) in rows(
            "SELECT proconfig FROM pg_proc"
            " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )
    )


def memberships_of(user: Any) -> list[tuple[Any, str]]:
    set_actor(user.id)
    mine = Membership.objects.filter(user_id=user.id).exclude(scope_id=user.id)
    return list(mine.values_list("scope_id", "role"))


@pytest.mark.parametrize("role", ["reader", "librarian"])
def test_no_one_can_join_a_scope_by_themselves(role: str) -> None:
    """Not a library either, except as a reader through the one function for that."""
    group, library = make_circle().group, scopes.scope_id("library:en")
    stranger = make_user()
    set_actor(stranger.id)
    for scope in (group, library):
        with pytest.raises(ProgrammingError, match="may not grant"), transaction.atomic():
            rows("SELECT grant_membership(%s, %s, %s, false, false)", scope, stranger.id, role)
    assert memberships_of(stranger) == []


def test_only_a_library_can_be_joined_as_a_library() -> None:
    group, library = make_circle().group, scopes.scope_id("library:en")
    stranger = make_user()
    set_actor(stranger.id)
    with pytest.raises(ProgrammingError, match="may not join"), transaction.atomic():
        rows("SELECT join_library(%s, %s, %s)", group, "library:en", stranger.id)
    rows("SELECT join_library(%s, %s, %s)", library, "library:en", stranger.id)
    assert memberships_of(stranger) == [(library, "reader")]


def test_nobody_claims_an_address_for_another_account() -> None:
    mine, theirs = make_user(), make_user("theirs@example.org")
    set_actor(mine.id)
    with pytest.raises(ProgrammingError, match="only the acting user"), transaction.atomic():
        rows("SELECT claim_address(%s, %s)", theirs.id, "free@example.org")
    assert rows("SELECT claim_address(%s, %s)", mine.id, "theirs@example.org") == [(False,)]
    theirs.refresh_from_db()
    assert theirs.email == "theirs@example.org"


def test_migrations_make_no_account() -> None:
    """Counted as an owner would: accounts are not behind the wall."""
    accounts = [model for model in OURS if table_class(model) == "account"]
    assert User in accounts
    assert [model.__name__ for model in accounts if model._default_manager.exists()] == []
