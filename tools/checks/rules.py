# Examples for rules.yml: the line after `ruleid:` must match, the one after `ok:` must not.
# Semgrep reads this file; nothing imports it.
import pickle
import time
from datetime import UTC, datetime

import aiohttp
import httpx
import requests
import yaml
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.permissions import AllowAny, IsAuthenticated

# ruleid: one-door-for-pushes
import firebase_admin

# ruleid: tests-use-the-real-thing
from unittest.mock import patch


def locks(rows):
    # ruleid: lock-leaves-keys-alone
    rows.select_for_update()
    # ok: lock-leaves-keys-alone
    rows.select_for_update(skip_locked=True, no_key=True)
    # ruleid: lock-names-its-table
    rows.select_related("author").filter(id=1).select_for_update(no_key=True)
    # ruleid: lock-names-its-table
    rows.select_for_update(no_key=True).select_related("author")
    # ok: lock-names-its-table
    rows.select_related("author").select_for_update(no_key=True, of=("self",))


def context(cursor, user):
    # ruleid: context-ends-with-transaction
    cursor.execute("SELECT set_config('app.user_id', %s, false)", [user])
    # ok: context-ends-with-transaction
    cursor.execute("SELECT set_config('app.user_id', %s, true)", [user])
    # ruleid: context-ends-with-transaction
    cursor.execute("SET app.user_id = 'x'")
    # ok: context-ends-with-transaction
    cursor.execute("SET LOCAL app.user_id = 'x'")


def clock(call):
    # ruleid: time-comes-with-the-call
    timezone.now()
    # ruleid: time-comes-with-the-call
    datetime.now(UTC)
    # ruleid: time-comes-with-the-call
    time.time()
    # ok: time-comes-with-the-call
    return call.now


def queries(cursor, name, query):
    # ruleid: no-sql-by-interpolation
    cursor.execute(f"SELECT * FROM t WHERE name = '{name}'")
    # ruleid: no-sql-by-interpolation
    cursor.execute("SELECT * FROM t WHERE name = '%s'" % name)
    # ruleid: no-sql-by-interpolation
    query.extra(where=[name])
    # ok: no-sql-by-interpolation
    cursor.execute("SELECT * FROM t WHERE name = %s", [name])


def logs(log, request, serializer):
    # ruleid: no-person-in-logs
    log.info("came in", body=request.body)
    # ruleid: no-person-in-logs
    log.warning("came in: %s", request.data)
    # ruleid: no-person-in-logs
    log.info("checked", values=serializer.validated_data)
    # ok: no-person-in-logs
    log.info("came in", request_id=request.id)


def calls(url):
    # ruleid: calls-have-a-deadline
    requests.get(url)
    # ok: calls-have-a-deadline
    requests.get(url, timeout=10)
    # ruleid: calls-have-a-deadline
    aiohttp.ClientSession()
    # ok: calls-have-a-deadline
    aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
    # ruleid: calls-have-a-deadline
    httpx.Client(timeout=None)


def later(send):
    # ruleid: later-is-a-row
    transaction.on_commit(send)


class Open:
    # ruleid: no-open-drf-views
    permission_classes = [AllowAny]


class OpenByOmission:
    # ruleid: no-open-drf-views
    permission_classes = []


class OpenToo:
    # ruleid: no-open-drf-views
    permission_classes = ()


class OpenInATuple:
    # ruleid: no-open-drf-views
    permission_classes = (AllowAny,)


class OpenByType:
    # ruleid: no-open-drf-views
    permission_classes: tuple[type, ...] = ()


class OpenByMethod:
    # ruleid: no-open-drf-views
    def get_permissions(self):
        return []


class Unauthenticated:
    # ruleid: no-open-drf-views
    authentication_classes = ()


class Closed:
    # ok: no-open-drf-views
    permission_classes = [IsAuthenticated]


def writes(row, Model, rows):
    # ruleid: only-actions-save
    row.save()
    # ruleid: only-actions-save
    Model.objects.create(name="x")
    # ruleid: only-actions-save
    rows.filter(name="x").update(name="y")
    # ok: only-actions-save
    rows.filter(name="x").first()


def reading(text):
    # ruleid: nothing-is-unpickled
    pickle.loads(text)
    # ruleid: yaml-is-read-strictly
    yaml.load(text)
    # ruleid: yaml-is-read-strictly
    yaml.safe_load(text)
    # ok: yaml-is-read-strictly
    read(text, "file.yaml")


def test_pretending(monkeypatch, ours):
    # ruleid: tests-use-the-real-thing
    monkeypatch.setattr(ours, "door", None)
    # ok: tests-use-the-real-thing
    monkeypatch.setenv("PORT", "1")


def judging(alias, other, rows, words):
    # ruleid: what-is-seen-is-compared
    empty = not alias.strip()
    # ruleid: what-is-seen-is-compared
    same = alias.lower() == other
    # ruleid: what-is-seen-is-compared
    rows.filter(alias__iexact=alias)
    # ok: what-is-seen-is-compared
    return looks_like(alias, other) and is_visible(words)


class Said(ActionInput):
    # ruleid: inputs-take-our-fields
    text = serializers.CharField(max_length=40)
    # ruleid: inputs-take-our-fields
    at = serializers.DateTimeField()
    # ok: inputs-take-our-fields
    alias = Name(max_length=40)
