"""Letting only one transaction at a time do something that no single row stands for."""

from django.db import connection

ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def alone(what: str, *about: object) -> None:
    """Wait until nobody else does `what` about the same, in whatever order they are named.

    It lasts until the transaction ends. Take it before any row is locked.
    """
    name = "/".join([what, *sorted(map(str, about))])
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [name])
