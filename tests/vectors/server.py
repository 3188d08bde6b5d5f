"""The server's data in every vector, and what can happen there while a phone is away.

Ana and Ben are in the group "Tuesday evening" of one programme. All methods run in one thread on
the vector's clock. The methods that `elsewhere` steps name take JSON arguments.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from io import StringIO
from typing import Any

import psycopg
import redis
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from recovery.actions import Call, perform
from recovery.blobs.jobs import collect
from recovery.blobs.rules import KEPT_UNUSED
from recovery.care.models import Programme, ProgrammeCard
from recovery.conversations.models import MemberCard, Message
from recovery.feed import publish, retract, scopes
from recovery.feed.ageing import KEEP, age
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.flush import flush
from recovery.groups.models import PeerGroup
from recovery.live import messages
from recovery.live.audience import parse
from recovery.signin.models import DeviceSession, User
from recovery.signin.tokens import sha256
from tests.cast import sign_in
from tests.roles import as_role, set_scene
from tests.servers import owner_url
from tests.vectors.exchanges import PIECES


def fixed(kind: int, number: int) -> uuid.UUID:
    """A readable id that is the same every time a vector is recorded."""
    return uuid.UUID(f"0000000{kind}-0000-7000-8000-{number:012}")


ANA, BEN = fixed(1, 1), fixed(1, 2)
PROGRAMME, GROUP = fixed(2, 1), fixed(3, 1)
PRESET: dict[str, Any] = {
    "time_zone": "America/New_York",
    "week_starts_on": 0,
    "minimum_age": 18,
    "settings": {},
    "preset": {},
}
TUESDAY: dict[str, Any] = {"name": "Tuesday evening", "size_max": 12, "house_rules": []}
HEADS = """SELECT s.name, s.seq FROM recovery_scope AS s
JOIN recovery_membership AS m ON m.scope_id = s.id
WHERE m.user_id = %s AND s.kind <> 'library' ORDER BY s.kind"""
TAKEN = """UPDATE recovery_syncclient SET lmid = jsonb_build_object('main', %s::int)
WHERE scope_id = %s"""
SEES = """SELECT s.id, s.name, s.seq, s.floor, m."grant", m.visible_from
FROM recovery_scope AS s JOIN recovery_membership AS m ON m.scope_id = s.id
WHERE m.user_id = %s AND s.is_open AND NOT m.held ORDER BY s.name"""
ENTRIES = """SELECT kind, object_id::text, seq, CASE WHEN NOT deleted THEN doc::json END
FROM recovery_feedentry
WHERE scope_id = %s AND seq > %s AND (since IS NULL OR since > %s) ORDER BY seq"""
TURNS = "SELECT id::text, lmid FROM recovery_syncclient WHERE scope_id = %s AND revoked_at IS NULL"
SEQ = "SELECT seq FROM recovery_feedentry WHERE scope_id = %s AND object_id = %s"
KEPT = {
    "kept_entry": "recovery_feedentry WHERE scope_id = %s",
    "kept_scope": "recovery_scope WHERE id = %s",
    "kept_message": "recovery_message WHERE scope_id = %s",
}
LOST = """DELETE FROM recovery_message AS m WHERE scope_id = %s
AND NOT EXISTS (SELECT FROM kept_message AS k WHERE k.id = m.id)"""
TOMORROW = """INSERT INTO recovery_feedentry (scope_id, kind, object_id, seq, deleted, digest, doc,
changed_at) SELECT id, 'tomorrow', %s, seq + 1, false, 0, '{"made_by": "a newer server"}', now()
FROM recovery_scope WHERE id = %s"""
DELAY_MS = 23_000  # a poke's delay is random; in a vector it is always this


class Server:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.http = Client(raise_request_exception=False)
        self.messages: list[Message] = []
        self.valkey = redis.Redis.from_url(settings.VALKEY_URL)
        self.subscription = self.valkey.pubsub()
        self.mark = f"vectors.{uuid.uuid4()}"  # arrives after everything published before it
        channels = self.mark, f"user.{ANA}", f"scope.{GROUP}", f"scope.{PROGRAMME}"
        self.subscription.subscribe(*channels)
        for _ in channels:
            self.subscription.get_message(timeout=5)  # the confirmation
        url = owner_url(connection.settings_dict["NAME"])
        self.owner = psycopg.connect(url, autocommit=True)
        with time_machine.travel(now(), tick=False):
            self._people()
            self._group()

    # Requests of a phone

    def post(self, path: str, body: Any, token: str | None) -> dict[str, Any]:
        """The server's answer to one request."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with time_machine.travel(self.now(), tick=False):
            if path == PIECES:
                piece = {"Upload-Id": body["upload"], "Upload-Offset": str(body["offset"])}
                content, kind = base64.b64decode(body["base64"]), "application/octet-stream"
                answer = self.http.post(path, content, content_type=kind, headers=headers | piece)
            else:
                answer = self.http.post(
                    path, json.dumps(body), content_type="application/json", headers=headers
                )
        if "json" in answer.headers.get("Content-Type", "json"):
            result = {"status": answer.status_code, "body": json.loads(answer.content or b"{}")}
        else:
            encoded = base64.b64encode(answer.getvalue()).decode()
            result = {"status": answer.status_code, "body": {}, "base64": encoded}
        after = answer.headers.get("Retry-After")
        return result | ({"headers": {"Retry-After": after}} if after else {})

    def sign_in(self, install: str, public_key: str) -> dict[str, str]:
        """Ana signs in on a phone. Her device sessions are retracted from the feed, because their
        ids are random and the digest covers ids."""
        facts = {"install": install, "name": "Ana's phone", "public_key": public_key}
        tokens = sign_in(User.objects.get(id=ANA), now=self.now(), **facts)
        with self._change(by=ANA):
            retract(DeviceSession.objects.in_scope(ANA).get(id=tokens["session"]))
        return tokens

    def holds(self) -> dict[str, Any]:
        """All that Ana's requests are answered from: what a stand-in for the server must know."""
        ((epoch,),) = self._as_owner("SELECT sync_epoch()")
        scopes = {}
        for id_, name, head, floor, grant, begins in self._as_owner(SEES, ANA):
            facts = {"head": head, "floor": floor, "grant": grant, "from": begins}
            entries = self._as_owner(ENTRIES, id_, begins, begins)
            scopes[name] = {**facts, "entries": [list(entry) for entry in entries]}
        return {"epoch": epoch, "scopes": scopes, "taken": dict(self._as_owner(TURNS, ANA))}

    # Messages on the socket

    def hello(self) -> dict[str, Any]:
        ((epoch,),) = self._as_owner("SELECT sync_epoch()")
        text = messages.hello(
            epoch=epoch, now=self.now(), heartbeat=25, expires_in=840, heads=self._heads()
        )
        hello: dict[str, Any] = json.loads(text)
        return hello

    def hears(self, message: dict[str, Any]) -> None:
        """What a phone sends on its socket must be valid, and so must its ticket or token."""
        parsed = messages.parse({"text": json.dumps(message)})
        assert isinstance(parsed, messages.Hello | messages.Token)
        if parsed.ticket:
            key = "ticket." + sha256(parsed.ticket).hex()
            assert self.valkey.getdel(key), "an unknown ticket"
        if isinstance(parsed, messages.Token) and parsed.token:
            assert self.post("/api/v1/live/ticket", {}, parsed.token)["status"] == 200

    def new_token(self) -> dict[str, Any]:
        accepted: dict[str, Any] = json.loads(messages.token(900))
        return accepted

    def heartbeat(self) -> dict[str, Any]:
        beat: dict[str, Any] = json.loads(messages.heartbeat(self._heads()))
        return beat

    def frames(self) -> list[dict[str, Any]]:
        """The frames announced to Ana's sockets since the last call."""
        self.valkey.publish(self.mark, "")
        frames = []
        while (message := self._next_message())["channel"].decode() != self.mark:
            frames.append(self._frame(message["channel"].decode(), message["data"]))
        return frames

    # What happens elsewhere

    def ben_says(self, text: str) -> None:
        args = {"group": str(GROUP), "id": str(fixed(5, len(self.messages) + 1)), "text": text}
        self._ben("groups.post_message", args)
        with self._change():
            self.messages.append(Message.objects.in_scope(GROUP).get(id=args["id"]))

    def ana_edits_elsewhere(self, message: str, text: str) -> None:
        """On another phone of hers."""
        ana = User.objects.get(id=ANA)
        seq = int(self._as_owner(SEQ, GROUP, message)[0][0])
        base = {f"message/{message}": seq}
        data = {"message": message, "text": text}
        perform("groups.edit_message", data=data, call=Call(ana, self.now(), base=base))

    def ben_edits(self, number: int, text: str) -> None:
        message = self.messages[number - 1].id
        base = {f"message/{message}": int(self._as_owner(SEQ, GROUP, message)[0][0])}
        self._ben("groups.edit_message", {"message": str(message), "text": text}, base)

    def ben_withdraws(self, number: int) -> None:
        self._ben("groups.withdraw_message", {"message": str(self.messages[number - 1].id)})

    def message_vanishes(self, number: int) -> None:
        """The message's entry is retracted, so phones delete it."""
        with self._change():
            retract(self.messages[number - 1])

    def programme_changes(self, phone: str) -> None:
        with self._change():
            card = ProgrammeCard.objects.in_scope(PROGRAMME).get(id=PROGRAMME)
            card.content = {"helpline": phone}
            card.save(update_fields=["content"])
            publish(card)

    def ana_leaves_the_group(self) -> None:
        with self._change():
            scopes.revoke(GROUP, ANA)

    def ana_is_back_in_the_group(self, from_now: bool = False) -> None:
        with self._change():
            scopes.grant(GROUP, ANA, "member", from_now=from_now)

    def ana_reports_the_phone_lost(self, session: str) -> None:
        ana = User.objects.get(id=ANA)
        data = {"session": session}
        perform("people.report_phone_lost", data=data, call=Call(ana, self.now()))

    def tombstones_are_collected(self) -> None:
        """The group's tombstones are deleted, as they are after 90 days."""
        self._as_owner("DELETE FROM recovery_feedentry WHERE scope_id = %s AND deleted", GROUP)
        self._as_owner("UPDATE recovery_scope SET floor = seq WHERE id = %s", GROUP)

    def backup_is_restored(self, lost: list[int], tell: bool = True) -> None:
        """The server goes on from a backup older than the mutations `lost` of Ana's phone, each of
        which posted a message. `tell`: rotate the epoch, as an operator must."""
        messages = [fixed(4, number) for number in lost]
        self._as_owner("DELETE FROM recovery_message WHERE id = ANY(%s)", messages)
        self._as_owner("DELETE FROM recovery_feedentry WHERE object_id = ANY(%s)", messages)
        self._as_owner(
            "DELETE FROM recovery_receipt WHERE scope_id = %s AND mutation_id = ANY(%s)", ANA, lost
        )
        self._as_owner(TAKEN, lost[0] - 1, ANA)
        if tell:
            with as_role("jobs"):
                call_command("rotate_epoch", stdout=StringIO())

    def group_is_backed_up(self) -> None:
        self._as_owner("DROP TABLE IF EXISTS kept_entry, kept_scope, kept_message")
        for kept, rows in KEPT.items():
            self._as_owner(f"CREATE TABLE {kept} AS SELECT * FROM {rows}", GROUP)  # noqa: S608

    def group_is_restored(self) -> None:
        """The group goes on from its backup, so its numbers go back. The operator rotates the
        epoch."""
        self._as_owner("DELETE FROM recovery_feedentry WHERE scope_id = %s", GROUP)
        self._as_owner("INSERT INTO recovery_feedentry SELECT * FROM kept_entry")
        self._as_owner(
            "UPDATE recovery_scope AS s SET seq = k.seq FROM kept_scope AS k WHERE s.id = k.id"
        )
        self._as_owner(LOST, GROUP)
        self._as_owner("DROP TABLE kept_entry, kept_scope, kept_message")
        with as_role("jobs"):
            call_command("rotate_epoch", stdout=StringIO())

    def newer_server_publishes(self) -> None:
        """A document of a kind that no app knows yet."""
        self._as_owner(TOMORROW, fixed(7, 1), GROUP)
        self._as_owner("UPDATE recovery_scope SET seq = seq + 1 WHERE id = %s", GROUP)

    def messages_age(self) -> None:
        """Half a year later, what was said leaves the feed."""
        with as_role("jobs"):
            age(self.now() + 2 * KEEP)

    def unused_files_are_collected(self) -> None:
        with time_machine.travel(self.now() + 2 * KEPT_UNUSED, tick=False), as_role("jobs"):
            collect(0)

    def phone_is_forgotten(self) -> None:
        """The server forgets all of Ana's clients, as after a long time away."""
        self._as_owner("DELETE FROM recovery_receipt WHERE scope_id = %s", ANA)
        self._as_owner("DELETE FROM recovery_syncclient WHERE scope_id = %s", ANA)

    def close(self) -> None:
        self.owner.close()
        self.subscription.close()
        self.valkey.close()

    def _people(self) -> None:
        for id_ in (ANA, BEN):
            user = User(id=id_, created_at=self.now())
            user.set_unusable_password()
            with self._change(by=id_):
                user.save(force_insert=True)
                scopes.open_scope("person", id_, home_id=PROGRAMME, user_id=id_, role="self")

    def _group(self) -> None:
        programme = Programme(id=PROGRAMME, slug="harbor", name="Harbor House", **PRESET)
        programme.changed_at = self.now()
        with transaction.atomic(), set_scene():
            programme.save()
        with self._change():
            self._open("program", PROGRAMME)
            card = ProgrammeCard(id=PROGRAMME, scope_id=PROGRAMME, content={"helpline": "1"})
            card.save(force_insert=True)
            publish(card)
        with self._change():
            self._open("group", GROUP)
            group = PeerGroup(id=GROUP, scope_id=GROUP, programme=programme, **TUESDAY)
            group.opened_at, group.opened_by = self.now(), BEN
            group.save(force_insert=True)
        for number, id_ in enumerate((ANA, BEN), start=1):
            self._card(id_, f"Heron {number}")

    def _open(self, kind: str, id_: uuid.UUID) -> None:
        scopes.open_scope(kind, id_, home_id=PROGRAMME, user_id=BEN, role="member")
        scopes.grant(id_, ANA, "member")

    def _card(self, user: uuid.UUID, alias: str) -> None:
        with self._change():
            card = MemberCard(id=MemberCard.id_of(GROUP, user), scope_id=GROUP, user_id=user)
            card.alias, card.role, card.joined_at = alias, "member", self.now()
            card.save(force_insert=True)
            publish(card)

    def _ben(self, action: str, args: dict[str, Any], base: dict[str, int] | None = None) -> None:
        ben = User.objects.get(id=BEN)
        perform(action, data=args, call=Call(ben, self.now(), base=base or {}))

    @contextmanager
    def _change(self, by: uuid.UUID = BEN) -> Iterator[None]:
        """A commit by `by`, announced as every commit is."""
        with transaction.atomic(), collecting() as collection, set_scene():
            set_actor(by)
            yield
            flush(collection, author_id=by, now=self.now(), origin=[])

    def _next_message(self) -> dict[str, Any]:
        message = None
        while message is None or message["type"] != "message":
            message = self.subscription.get_message(timeout=5)
            assert message, "Valkey is silent"
        return dict(message)

    def _frame(self, channel: str, data: bytes) -> dict[str, Any]:
        """The frame that the live process sends to Ana's sockets for a message."""
        if channel.startswith("user."):
            scopes_changed: dict[str, Any] = json.loads(messages.SCOPES)
            return scopes_changed
        news = parse(data)
        frame: dict[str, Any] = json.loads(news.frame)
        if "delay_ms" in frame:
            frame["delay_ms"] = DELAY_MS
        mine = news.author != "-"
        return frame | ({"o": [news.author, int(news.number)]} if mine else {})

    def _heads(self) -> dict[str, int]:
        return dict(self._as_owner(HEADS, ANA))

    def _as_owner(self, statement: str, *values: Any) -> list[Any]:
        cursor = self.owner.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
