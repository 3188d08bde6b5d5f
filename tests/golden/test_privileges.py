"""What each database role may do, read from PostgreSQL's catalogue and compared with a file.

`apply_walls` derives the privileges. A change of them shows in privileges.txt, where somebody reads
it: `make golden` writes the file anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

FILE = Path(__file__).with_name("privileges.txt")
ROLES = ("app", "jobs", "pump", "PUBLIC")
TABLES = """
SELECT r.rolname || ' ' || c.relname || ': '
    || string_agg(a.privilege_type, ' ' ORDER BY a.privilege_type)
FROM pg_class AS c CROSS JOIN aclexplode(c.relacl) AS a JOIN pg_roles AS r ON r.oid = a.grantee
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND r.rolname = ANY (%s)
GROUP BY r.rolname, c.relname
"""
TO_PUBLIC = """
SELECT 'PUBLIC ' || c.relname || ': ' || a.privilege_type
FROM pg_class AS c CROSS JOIN aclexplode(c.relacl) AS a
WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 0 AND 'PUBLIC' = ANY (%s)
"""
COLUMNS = """
SELECT r.rolname || ' ' || c.relname || '.' || t.attname || ': ' || a.privilege_type
FROM pg_attribute AS t JOIN pg_class AS c ON c.oid = t.attrelid
CROSS JOIN aclexplode(t.attacl) AS a JOIN pg_roles AS r ON r.oid = a.grantee
WHERE c.relnamespace = 'public'::regnamespace AND r.rolname = ANY (%s)
"""
FUNCTIONS = """
SELECT r.rolname || ' ' || p.proname || '(): EXECUTE as owner' FROM pg_proc AS p, pg_roles AS r
WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace AND r.rolname = ANY (%s)
    AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
"""
POLICIES = """
SELECT roles[1]::text || ' ' || tablename || ': ' || cmd || ' if ' || CASE
    WHEN coalesce(qual, with_check) LIKE '%%recovery_membership%%' THEN 'in the scope'
    ELSE regexp_replace(coalesce(with_check, qual), '\\s+', ' ', 'g') END
FROM pg_policies WHERE schemaname = 'public' AND roles[1] = ANY (%s)
"""
OWNED = """
SELECT tableowner || ' ' || tablename || ': owner' FROM pg_tables
WHERE schemaname = 'public' AND tableowner = ANY (%s)
"""


def found() -> Iterator[str]:
    with connection.cursor() as cursor:
        for question in (TABLES, TO_PUBLIC, COLUMNS, FUNCTIONS, POLICIES, OWNED):
            cursor.execute(question, [list(ROLES)])
            yield from sorted(line for (line,) in cursor.fetchall())


@pytest.mark.django_db
def test_54_the_privileges_of_each_role_are_those_written_down() -> None:
    now = "\n".join(found()) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        FILE.write_text(now, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == now, "read the difference, then make golden"
