"""Call PostgreSQL's functions by the names of their parameters."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection


@cache
def statement(function: str, /, *parameters: str) -> str:
    """SQL that takes a dict of the parameters and returns the function's rows."""
    arguments = ", ".join(f"{name} => %({name})s" for name in parameters)
    return f"SELECT * FROM {function}({arguments})"  # noqa: S608  # names from our own code


def run(function: str, /, **arguments: Any) -> None:
    """Call a function that returns nothing, without waiting for PostgreSQL in a pipeline."""
    with connection.cursor() as cursor:
        cursor.execute(statement(function, *arguments), arguments)


def call(function: str, /, **arguments: Any) -> list[tuple[Any, ...]]:
    """All rows that the function returns."""
    with connection.cursor() as cursor:
        cursor.execute(statement(function, *arguments), arguments)
        return list(cursor.fetchall())


def first(function: str, /, **arguments: Any) -> tuple[Any, ...] | None:
    """The first row that the function returns, or None."""
    return next(iter(call(function, **arguments)), None)
