"""The pump sends 10,000 due reminders to the simulator and records each delivery.

The reference is firebase-admin's own `send_each` against the same simulator; it records nothing.
"""

from __future__ import annotations

import os
import time
import uuid
import warnings
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg

from tools.bench import figures, processor
from tools.bench.vacuum import vacuum_analyze
from tools.local import data_directory, stack

PEOPLE = 10_000
REFERENCE = 1_500
ROUNDS = 3

MEMBERS = """INSERT INTO recovery_membership (scope_id, user_id, role, "grant", visible_from, held)
VALUES (%s, %s, 'self', 1, 0, false)"""
DEVICES = """INSERT INTO notifications_pushregistration
    (id, scope_id, session_id, kind, platform, sealed, fingerprint, refreshed_at, state,
     reason)
VALUES (%s, %s, %s, 'token', 'android', %s, %s, %s, 'active', '')"""
INTENTS = """INSERT INTO notifications_intent
    (bucket, id, scope_id, type, push_class, jitter, due, expires, state)
VALUES (%s, %s, %s, 'bench.reminder', 'reminder', 0, now(), now() + interval '1 hour', 'planned')"""
RECORDED = """SELECT settled_at - %s FROM notifications_delivery WHERE state = 'sent'
ORDER BY settled_at"""


def run() -> list[dict[str, Any]]:
    """Pushes per second, from due to recorded."""
    with (
        data_directory.temporary() as directory,
        stack.running(directory, names=("fcm",), data=False) as system,
        psycopg.connect(system.variables["DATABASE_URL_OWNER"], autocommit=True) as owner,
    ):
        people = _seed(system.variables, owner)
        system.start("pump")
        rounds = [_round(system, owner, people) for _ in range(ROUNDS)]
    medians = figures.medians(rounds, reference="firebase-admin send_each, no record")
    return [
        figures.line(
            "pump",
            **medians,
            note=f"one pump; {PEOPLE} due at one moment; milliseconds from due to recorded;"
            " PostgreSQL and the simulator on the same cores",
        )
    ]


def _round(
    system: stack.Stack, owner: psycopg.Connection, people: list[uuid.UUID]
) -> dict[str, figures.Value]:
    meter = processor.Meter(system.running)
    waits = _remind(owner, people)
    used = meter.millis_each(len(waits))
    return {
        "rate": len(waits) / waits[-1],
        "reference": _send_each(system.fcm),
        **figures.percentiles([wait * 1000 for wait in waits]),
        "processor_ms": used,
    }


def _seed(variables: dict[str, str], owner: psycopg.Connection) -> list[uuid.UUID]:
    """Create people in scopes of their own, each with one phone; return their ids."""
    os.environ.update(variables)
    from django.conf import settings

    settings.configure(SEALING_KEY=variables["SEALING_KEY"])
    from foundation.sealing import AssociatedData, fingerprint, seal

    people, now = [uuid.uuid4() for _ in range(PEOPLE)], datetime.now(UTC)

    def device(person: uuid.UUID) -> tuple[Any, ...]:
        new, value = uuid.uuid4(), f"device:{person.hex}"
        sealed = seal(
            AssociatedData("notifications_pushregistration", "sealed", new, person), value.encode()
        )
        return (new, person, new, sealed, fingerprint(value), now)

    _insert(owner, MEMBERS, [(person, person) for person in people])
    _insert(owner, DEVICES, list(map(device, people)))
    vacuum_analyze()
    return people


def _insert(owner: psycopg.Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    """Insert in one transaction: the pump sees all rows at the same moment."""
    with owner.transaction(), owner.cursor() as cursor:
        cursor.executemany(statement, rows)


def _remind(owner: psycopg.Connection, people: list[uuid.UUID]) -> list[float]:
    """Make one reminder per person due now; return the seconds until each is recorded."""
    owner.execute("TRUNCATE notifications_intent, notifications_delivery")
    _insert(owner, INTENTS, [(each.bytes[15] % 64, uuid.uuid4(), each) for each in people])
    due = datetime.now(UTC)
    waits: list[float] = []
    while len(waits) < len(people):
        time.sleep(0.5)
        waits = [wait.total_seconds() for (wait,) in owner.execute(RECORDED, [due]).fetchall()]
    return waits


def _send_each(endpoint: str) -> float:
    """Return the messages per second that firebase-admin sends to the simulator."""
    import firebase_admin
    from firebase_admin import credentials, messaging

    key = httpx.get(f"{endpoint}/simulator/credentials.json", timeout=5).json()
    app = firebase_admin.initialize_app(credentials.Certificate(key), name=str(uuid.uuid4()))
    service = messaging._get_messaging_service(app)
    service._fcm_url = f"{endpoint}/v1/projects/{key['project_id']}/messages:send"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        messages = [
            messaging.Message(token=f"device:{uuid.uuid4().hex}", data={"v": "1", "k": "reminder"})
            for _ in range(REFERENCE)
        ]
    began = time.perf_counter()
    for start in range(0, REFERENCE, 500):
        answer = messaging.send_each(messages[start : start + 500], app=app)
        assert answer.failure_count == 0
    took = time.perf_counter() - began
    firebase_admin.delete_app(app)
    return REFERENCE / took
