"""Who may open which kind of scope, and give or end which role in it.

Actions have rules of their own, which say more. This table is the wall behind them: `apply_walls`
installs it as functions of PostgreSQL, and those that open scopes and change memberships
(recovery/feed/sql/scopes.sql) obey it, whatever an action has forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from itertools import product

from django.conf import settings

from recovery.feed import scopes
from recovery.people.roles import (
    ALUMNUS,
    FACILITATOR,
    FORMER_PATIENT,
    MEMBER,
    PATIENT,
    STAFF,
    STAFF_ROLES,
    Duty,
    roles_with,
)

# Places of a role: in the scope itself, in the programme that is its home, on that one's staff.
HERE, PROGRAM, STAFF_SCOPE = "here", "program", "staff"
IN_CARE = (PATIENT, ALUMNUS)
OF_PATIENTS = (*IN_CARE, FORMER_PATIENT)
# Members who only read: nothing that they do is stored in the scope's feed.
ONLY_READ = [("library", "reader"), *product(["program"], OF_PATIENTS)]


# What someone on the staff must be there for, in scopes of each kind: else it is unstaffed.
NEEDED = (("care", Duty.CARES), ("care", Duty.TREATS), ("group", Duty.MODERATES))


@dataclass(frozen=True)
class PlaceRule:
    """A user with `by_role` at `by_place` may `verb` the `role` in scopes of this kind, if the
    member has `needs_role` at `needs_place`. Opening gives the first member the role. `fill`: give
    it where nobody on the staff has a role with the same duty, see NEEDED."""

    verb: str
    kind: str
    role: str
    by_place: str
    by_role: str
    needs_place: str | None = None
    needs_role: str | None = None


def rules() -> list[PlaceRule]:
    """The table. Programmes, staff scopes and libraries are opened by the system alone."""
    return [*_openings(), *_in_programmes(), *_in_records(), *_among_peers()]


def _openings() -> Iterator[PlaceRule]:
    for role in staff_with(Duty.ADMITS, Duty.MANAGES):
        yield PlaceRule("open", "person", "self", STAFF_SCOPE, role)
    for role in staff_with(Duty.ADMITS):
        yield PlaceRule("open", "care", role, STAFF_SCOPE, role)
    for role in staff_with(Duty.LEADS_GROUPS):
        yield PlaceRule("open", "group", FACILITATOR, STAFF_SCOPE, role)
    for role in IN_CARE:
        yield PlaceRule("open", "pair", MEMBER, PROGRAM, role)


def _in_programmes() -> Iterator[PlaceRule]:
    for role in STAFF_ROLES:
        yield from _changes(["program", "staff"], role, STAFF_SCOPE, staff_with(Duty.MANAGES))
    for role in OF_PATIENTS:
        by = staff_with(Duty.ADMITS, Duty.DECIDES)
        yield from _changes(["program"], role, STAFF_SCOPE, by)


def _in_records() -> Iterator[PlaceRule]:
    # Staff who say that two records are of one person decide on both.
    yield from _changes(["care"], PATIENT, HERE, staff_with(Duty.ADMITS, Duty.DECIDES))
    for role in staff_with(Duty.CARES):
        # The role on the care team is the one on the staff.
        yield from _changes(["care"], role, HERE, staff_with(Duty.CARES), role)
        yield from _filling("care", role, role)


def _among_peers() -> Iterator[PlaceRule]:
    for role in staff_with(Duty.LEADS_GROUPS):
        yield from _changes(["group"], FACILITATOR, HERE, roles_with(Duty.MODERATES), role)
        yield from _filling("group", FACILITATOR, role)
    for role in IN_CARE:
        by = roles_with(Duty.MODERATES)
        yield from _changes(["group"], MEMBER, HERE, by, role, PROGRAM)
        yield from _changes(["pair"], MEMBER, HERE, [MEMBER], role, PROGRAM)


def _filling(kind: str, role: str, needs_role: str) -> Iterator[PlaceRule]:
    for by_role in staff_with(Duty.MANAGES):
        yield PlaceRule("fill", kind, role, STAFF_SCOPE, by_role, STAFF_SCOPE, needs_role)


def staff_with(*duties: Duty) -> list[str]:
    """The roles of staff that carry one of the duties."""
    return [role for role in STAFF if not STAFF[role].isdisjoint(duties)]


def _changes(
    kinds: Iterable[str],
    role: str,
    by_place: str,
    by_roles: Iterable[str],
    needs_role: str | None = None,
    needs_place: str = STAFF_SCOPE,
) -> Iterator[PlaceRule]:
    """Granting the role, which may need another, and ending it, which needs none."""
    needs = (needs_place, needs_role) if needs_role else (None, None)
    for kind, by_role in product(kinds, sorted(by_roles)):
        yield PlaceRule("grant", kind, role, by_place, by_role, *needs)
        yield PlaceRule("revoke", kind, role, by_place, by_role)


def functions() -> Iterator[str]:
    """The SQL functions that hold the table. Constant, so that PostgreSQL can inline them."""
    rows = sorted({astuple(rule) for rule in rules()}, key=repr)
    yield _table(
        "place_rules",
        "verb text, kind text, role text, by_place text, by_role text, needs_place text,"
        " needs_role text",
        rows,
    )
    needed = [(kind, d.code, role) for kind, d in NEEDED for role in sorted(roles_with(d))]
    yield _table("needed_duties", "kind text, duty text, role text", needed)
    names = [f"library:{code}" for code, _ in settings.LANGUAGES]
    yield _table("libraries", "id uuid, name text", [(str(scopes.scope_id(n)), n) for n in names])
    reading = " OR ".join(f"(kind, role) = ({_text(k)}, {_text(r)})" for k, r in ONLY_READ)
    yield (
        "CREATE OR REPLACE FUNCTION only_reads(kind text, role text) RETURNS boolean"
        f" LANGUAGE sql IMMUTABLE AS $$ SELECT {reading} $$"
    )


def _table(name: str, columns: str, rows: Iterable[tuple[str | None, ...]]) -> str:
    types = [column.split()[1] for column in columns.split(", ")]
    values = ", ".join(
        f"({', '.join(f'{_text(v)}::{t}' for v, t in zip(row, types, strict=True))})"
        for row in rows
    )
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS TABLE ({columns})"  # noqa: S608  # constants
        f" LANGUAGE sql IMMUTABLE AS $$ VALUES {values} $$"
    )


def _text(value: str | None) -> str:
    """A literal. All of them are names from our own code."""
    return "NULL" if value is None else f"'{value}'"
