"""What commands for operators of the outbox share."""

from django.core.management.base import CommandError
from django.db import connection

from notifications.models import Delivery, Letter

OUTGOING = (("pushes", Delivery), ("letters", Letter))


def require_pump_role() -> None:
    """Other roles would see an empty outbox, and the command would report that all is well."""
    if connection.settings_dict["USER"] != "pump":
        raise CommandError("Only role pump sees the whole outbox. Set DATABASE_ROLE=pump.")
