"""An advisory lock for what no single row can lock: say, a set of rows that may be empty."""

from django.db import connection

ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def alone(what: str, *about: object) -> None:
    """Wait until no other transaction does `what` about the same objects, in any order.

    The lock is held until the transaction ends. To avoid deadlocks, take it before any row lock.
    """
    name = "/".join([what, *sorted(map(str, about))])
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [name])
