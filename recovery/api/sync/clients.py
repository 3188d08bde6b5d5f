"""Register phones. The server assigns the id, so that it can revoke each copy by itself."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from django.db import OperationalError, connection, transaction
from uuid_utils.compat import uuid7

from foundation.fields import ID, TEXT, TIME, an_object, text
from foundation.postgresql import functions
from recovery.actions.perform import sqlstate
from recovery.api.sync.wire import LEASE, LIMITS, WHOLE, AppSchema
from recovery.feed.context import set_actor
from recovery.feed.models import SyncClient


class Registration(NamedTuple):
    install: Annotated[str, text()]
    platform: Annotated[str, text(40)]
    app: Annotated[str, text(40)]
    schema: AppSchema


REGISTERED = an_object(
    client_id=ID.schema,
    epoch=TEXT,
    server_time=TIME,
    lease_expires_at=TIME,
    limits=an_object(**dict.fromkeys(LIMITS, WHOLE)),
)


def register(user: Any, phone: Registration, now: datetime) -> dict[str, Any]:
    """Create a client id for this install of this user.

    Older ids of the install keep working until they expire: restoring a backup to a second phone
    must not disable the first one.
    """
    client = SyncClient(
        id=uuid7(),
        scope_id=user.id,
        session_id=getattr(user, "session_id", None),
        install=hashlib.sha256(phone.install.encode()).digest(),
        platform=phone.platform,
        app=phone.app,
        schema=phone.schema,
        created_at=now,
        last_seen=now,
    )
    with transaction.atomic():
        set_actor(user.id)
        client.save(force_insert=True)
        [(epoch,)] = functions.call("sync_epoch")
    return {
        "client_id": str(client.id),
        "epoch": epoch,
        "server_time": now.isoformat(),
        "lease_expires_at": (now + LEASE).isoformat(),
        "limits": LIMITS,
    }


DISK_FULL = "53100"
# Matches the scope as well as the client, so that another user's client id changes nothing.
FORGET = """
UPDATE recovery_receipt SET detail = NULL
WHERE scope_id = %(user)s AND client_id = %(client)s AND lane = %(lane)s
  AND mutation_id <= %(acked)s AND detail IS NOT NULL
"""


def note_visit(user_id: uuid.UUID, client_id: uuid.UUID, schema: int, now: datetime) -> None:
    """Note the hour of the phone's visit, and the schema of its app.

    When the disk is full, neither is noted: people can still read, and the next visit is.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    try:
        with transaction.atomic():
            set_actor(user_id)
            mine = SyncClient.objects.in_scope(user_id).filter(id=client_id)
            mine.update(last_seen=hour, schema=schema)
    except OperationalError as error:
        if sqlstate(error) != DISK_FULL:
            raise


def forget_results(user_id: uuid.UUID, client_id: uuid.UUID, acked: dict[str, int]) -> None:
    """Forget the details of results that the phone has stored."""
    if not acked:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        set_actor(user_id)
        for lane, mutation_id in acked.items():
            cursor.execute(
                FORGET,
                {"user": user_id, "client": client_id, "lane": lane, "acked": mutation_id},
            )
