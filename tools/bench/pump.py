"""10,000 due reminders to the simulator, each with its line in the ledger.

Beside it, against the same simulator, firebase-admin's own `send_each`, which writes nothing.
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

from tools.bench.settle import settle
from tools.local import place, stack

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
LEDGER = """SELECT settled_at - %s FROM notifications_delivery WHERE state = 'sent'
ORDER BY settled_at"""


def run() -> dict[str, Any]:
    """Pushes a second from due to written down, the best of three rounds."""
    with (
        place.temporary() as held,
        stack.running(held, names=("fcm",), data=False) as house,
        psycopg.connect(house.variables["DATABASE_URL_OWNER"], autocommit=True) as owner,
    ):
        people = _seed(house.variables, owner)
        house.start("pump")
        rounds = [_round(owner, people) for _ in range(ROUNDS)]
        house.stop("pump")
        reference = max(_send_each(house.fcm) for _ in range(ROUNDS))
    return _figures(min(rounds, key=lambda waits: waits[-1]), reference)


def _figures(waits: list[float], reference: float) -> dict[str, Any]:
    rate = len(waits) / waits[-1]
    return {
        "bench": "pump",
        "rate": round(rate),
        "reference": {"name": "firebase-admin send_each, no ledger", "rate": round(reference)},
        "ratio": round(rate / reference, 2),
        "p50_ms": round(1000 * waits[len(waits) // 2]),
        "p99_ms": round(1000 * waits[len(waits) * 99 // 100]),
        "n": len(waits),
        "cores": os.cpu_count(),
        "note": "one pump; all due at one moment; milliseconds from due to written in the ledger;"
        " PostgreSQL and the simulator on the same cores",
    }


def _seed(variables: dict[str, str], owner: psycopg.Connection) -> list[uuid.UUID]:
    """People in their own scopes, each with one phone. Answers their ids."""
    os.environ.update(variables)
    from django.conf import settings

    settings.configure(SEALING_KEY=variables["SEALING_KEY"])
    from foundation.sealing import AssociatedData, fingerprint, seal

    people, now = [uuid.uuid4() for _ in range(PEOPLE)], datetime.now(UTC)

    def device(who: uuid.UUID) -> tuple[Any, ...]:
        new, value = uuid.uuid4(), f"device:{who.hex}"
        sealed = seal(
            AssociatedData("notifications_pushregistration", "sealed", new, who), value.encode()
        )
        return (new, who, new, sealed, fingerprint(value), now)

    _insert(owner, MEMBERS, [(who, who) for who in people])
    _insert(owner, DEVICES, list(map(device, people)))
    settle()
    return people


def _insert(owner: psycopg.Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    """All rows become visible at one moment."""
    with owner.transaction(), owner.cursor() as cursor:
        cursor.executemany(statement, rows)


def _round(owner: psycopg.Connection, people: list[uuid.UUID]) -> list[float]:
    """Remind everybody at one moment; seconds from then to each line in the ledger."""
    owner.execute("TRUNCATE notifications_intent, notifications_delivery")
    _insert(owner, INTENTS, [(who.bytes[15] % 64, uuid.uuid4(), who) for who in people])
    due = datetime.now(UTC)
    waits: list[float] = []
    while len(waits) < len(people):
        time.sleep(0.5)
        waits = [wait.total_seconds() for (wait,) in owner.execute(LEDGER, [due]).fetchall()]
    return waits


def _send_each(endpoint: str) -> float:
    """Messages a second by firebase-admin, pointed at the simulator."""
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
