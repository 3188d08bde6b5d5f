"""The template for every table's grants, policies, composite keys and triggers.

Table classes: `scoped` and `personal` (row-level security by scope), `reference` (the same for
all users, written by jobs), `account` (read before sign-in: credentials, nothing clinical).

A model may narrow or widen who writes it: `written_by_functions` (functions alone),
`counted_by_functions` (functions, and jobs that clear it), `append_only`, `managed_by` (the column
with the programme, whose managers write a reference table), `owned_by` (the column with the user,
for whom the acting user must be able to act; `app` updates its columns `app_changes` only).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models

MINE = (
    "ANY (ARRAY(SELECT scope_id FROM recovery_membership WHERE user_id ="
    " nullif(current_setting('app.user_id', true), '')::uuid AND NOT held))"
)
# A policy on memberships that read memberships would recurse. The function reads as the owner.
MINE_OF_MEMBERSHIP = "ANY ((SELECT scopes_of_acting_user())::uuid[])"
WALLED = ("scoped", "personal")
# What `app` may do with tables of libraries; all others are for jobs. A user's own rows, and those
# of anybody before sign-in, when nobody is acting.
OWNED = {"account_emailaddress": "user_id", "mfa_authenticator": "user_id"}
# Ceremonies of sign-in, each named by a secret of its own.
CEREMONIES = ("django_session",)
# A job is queued with its cause, and read by the worker alone.
QUEUE = {"procrastinate_jobs": "INSERT, SELECT (id)", "procrastinate_events": "INSERT"}
# PostgreSQL lets every role run a new function. Functions that run as the owner pass the walls, so
# only `app` and `jobs` get them. One whose file has already restricted it is left alone.
DOORS = """
DO $$
DECLARE
    door regprocedure;
BEGIN
    FOR door IN
        SELECT oid FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
            AND has_function_privilege('public', oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', door);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO app, jobs', door);
    END LOOP;
END $$
"""


def statements(model: type[models.Model]) -> Iterator[str]:
    """The SQL that puts `model`'s table behind its walls. Idempotent."""
    table = model._meta.db_table
    yield f"REVOKE ALL ON {table} FROM PUBLIC, app, jobs, pump"
    yield f"GRANT {_verbs(model)} ON {table} TO jobs"
    if verbs := _verbs_of_app(model):
        yield f"GRANT {verbs} ON {table} TO app"
    if getattr(model, "pump", False):
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO pump"
    if getattr(model, "append_only", False):
        yield from _append_only(table)
    if table_class(model) in WALLED:
        yield from _policies(model, table)
        yield from _references(model, table)
    elif writers := _writers(model):
        yield from _written_by(table, writers)


def table_class(model: type[models.Model]) -> str:
    """The declared class; Django's and the libraries' own tables are `library`."""
    return getattr(model, "table_class", "library")


def _verbs(model: type[models.Model]) -> str:
    if getattr(model, "written_by_functions", False):
        return "SELECT"
    if getattr(model, "append_only", False):
        return "SELECT, INSERT"
    return "SELECT, INSERT, UPDATE, DELETE"


def _verbs_of_app(model: type[models.Model]) -> str:
    table, everything = model._meta.db_table, _verbs(model)
    match table_class(model):
        case "library":
            return everything if table in (*OWNED, *CEREMONIES) else QUEUE.get(table, "")
        case "reference":
            return "SELECT, INSERT, UPDATE" if hasattr(model, "managed_by") else "SELECT"
        case "account" if getattr(model, "counted_by_functions", False):
            return "SELECT"
        case "account":
            if not hasattr(model, "owned_by"):
                return everything
            return f"SELECT, INSERT, UPDATE ({', '.join(getattr(model, 'app_changes', ()))})"
    return everything


def _writers(model: type[models.Model]) -> dict[str, str]:
    """What must be true of a row that `app` writes, by verb. Empty: nothing."""
    if programme := getattr(model, "managed_by", None):
        return dict.fromkeys(("INSERT", "UPDATE"), f"manages({programme})")
    owner = getattr(model, "owned_by", OWNED.get(model._meta.db_table))
    if owner is None:
        return {}
    own = f"acting_user() IS NULL OR may_act_for({owner})"
    if table_class(model) == "account":
        return {"INSERT": "may_open_account()", "UPDATE": own}
    return dict.fromkeys(("INSERT", "UPDATE", "DELETE"), own)


def _written_by(table: str, writers: dict[str, str]) -> Iterator[str]:
    """Policies for a table that everybody reads."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    for role in ("owner", "jobs"):
        yield from _policy(table, role, "true")
    yield f"DROP POLICY IF EXISTS app ON {table}"
    yield f"CREATE POLICY app ON {table} FOR SELECT TO app USING (true)"
    for verb, condition in writers.items():
        name = f"app_{verb.lower()}"
        using = "" if verb == "INSERT" else f"USING ({condition})"
        check = "" if verb == "DELETE" else f"WITH CHECK ({condition})"
        yield f"DROP POLICY IF EXISTS {name} ON {table}"
        yield f"CREATE POLICY {name} ON {table} FOR {verb} TO app {using} {check}"


def _policies(model: type[models.Model], table: str) -> Iterator[str]:
    column = getattr(model, "scope_column", "scope_id")
    mine = MINE_OF_MEMBERSHIP if table == "recovery_membership" else MINE
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    yield from _policy(table, "app", f"{column} = {mine}")
    # The functions in */sql run as `owner`. `jobs` works across scopes, within its grants.
    for role in ("owner", "jobs"):
        yield from _policy(table, role, "true")
    yield f"DROP POLICY IF EXISTS pump ON {table}"
    if getattr(model, "pump", False):
        yield from _policy(table, "pump", "true")


def _policy(table: str, role: str, condition: str) -> Iterator[str]:
    yield f"DROP POLICY IF EXISTS {role} ON {table}"
    yield f"CREATE POLICY {role} ON {table} TO {role} USING ({condition}) WITH CHECK ({condition})"


def _references(model: type[models.Model], table: str) -> Iterator[str]:
    """Composite keys, so that a reference to a scoped row cannot leave its scope."""
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey) and table_class(field.related_model) in WALLED:
            target = field.related_model._meta.db_table
            yield from _key(target, f"{target}_scope", "UNIQUE (scope_id, id)")
            yield from _key(
                table,
                f"{table}_{field.column}_in_scope",
                f"FOREIGN KEY (scope_id, {field.column}) REFERENCES {target} (scope_id, id)",
            )


def _key(table: str, name: str, definition: str) -> Iterator[str]:
    # To try would lock both tables, although the key is there.
    yield (
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_constraint"
        f" WHERE conrelid = '{table}'::regclass AND conname = '{name}')"
        f" THEN ALTER TABLE {table} ADD CONSTRAINT {name} {definition}; END IF; END $$"
    )


def _append_only(table: str) -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE insufficient_privilege USING MESSAGE = 'append-only'; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS append_only ON {table}"
    yield (
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
