"""Give every table its grants, row-level security and references inside the scope.

They are derived from the models, and a table without walls has no grants, so a new table cannot be
forgotten. Run as `owner` after `migrate`. Running it again changes nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, transaction

from recovery.feed.walls import DOORS, statements


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for path in self.functions():
                cursor.execute(path.read_text())
            cursor.execute(DOORS)
            for model in apps.get_models():
                for statement in statements(model):
                    cursor.execute(statement)
            # Only the tables of the job queue use sequences.
            cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app, jobs")

    def functions(self) -> list[Path]:
        """The SQL functions of both apps, in the order of their names."""
        base = settings.BASE_DIR
        return sorted([*base.glob("recovery/*/sql/*.sql"), *base.glob("notifications/sql/*.sql")])
