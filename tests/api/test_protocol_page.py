"""docs/protocol.md is right: its requests are sent, and the device key's proof is built from its
text alone."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.feed.context import set_actor
from recovery.signin.models import DeviceSession, User
from tests.api.http_stories import PAGE, Values, holds, play, stories
from tests.cast import (
    ADMISSION,
    ANA,
    FakePhone,
    act,
    documents,
    employ,
    form_id,
    load_programme,
    load_wordings,
    make_circle,
    make_user,
    notice_id,
)
from tests.signin.ceremony import mailed_code

pytestmark = pytest.mark.usefixtures("committed_db")
RECIPE = re.compile(r"<!-- Recipe: proof -->\n```\n(.*?)```", re.DOTALL)


def test_every_story_is_played() -> None:
    assert stories().keys() == {"enrolment", "mail", "first day", "sync"}


class DeviceKey:
    """A phone that knows only the page."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.time = timezone.now().isoformat()
        self.nonce = secrets.token_urlsafe(12)

    @property
    def public_key(self) -> str:
        key = self.key.public_key()
        return base64.b64encode(
            key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).decode()

    def signature(self, session: str, refresh_token: str) -> str:
        """Each line of the recipe says what stands there; the first word names it."""
        values = {
            "host": "testserver",
            "time": self.time,
            "nonce": self.nonce,
            "session": session,
            "SHA": hashlib.sha256(refresh_token.encode()).hexdigest(),
        }
        [recipe] = RECIPE.findall(PAGE.read_text(encoding="utf-8"))
        lines = [
            values[match[1]] if (match := re.match(r"<(\w+)", line)) else line
            for line in recipe.splitlines()
        ]
        signed = self.key.sign("\n".join(lines).encode(), ec.ECDSA(SHA256()))
        return base64.b64encode(signed).decode()


def test_enrolment_refresh_with_a_proof_and_signing_out() -> None:
    load_programme()
    admitted = act(employ(), "care.admit_patient", now=timezone.now(), **ADMISSION)
    key = DeviceKey()
    values: Values = {
        "code": admitted.once["code"],
        "born": ANA["date_of_birth"].isoformat(),
        "install": secrets.token_urlsafe(24),
        "public_key": key.public_key,
        "time": key.time,
        "nonce": key.nonce,
    }
    values["signature"] = lambda: key.signature(values["session"], values["refresh_token"])
    for _ in play("enrolment", values):
        pass
    assert values["next_refresh_token"] != values["refresh_token"]
    user = uuid.UUID(values["user"])
    with transaction.atomic():
        set_actor(user)
        session = DeviceSession.objects.in_scope(user).get(id=values["session"])
    assert session.revoked_why == "signed_out"


def test_a_code_by_mail_signs_in() -> None:
    user = make_user("ana@example.org")
    values: Values = {
        "email": "ana@example.org",
        "install": secrets.token_urlsafe(24),
        "mailed_code": lambda: mailed_code(user.id),
    }
    for _ in play("mail", values):
        pass
    assert values["user"] == str(user.id)


def new_ids(values: Values) -> Values:
    return values | {name: str(uuid7()) for name in ("uuid1", "uuid2", "new1", "message")}


def test_the_first_day() -> None:
    load_programme()
    load_wordings()
    dana = employ()
    admitted = act(dana, "care.admit_patient", now=timezone.now(), **ADMISSION)
    ana = User.objects.get(id=admitted.data["user"])
    phone = FakePhone(ana, registered=True)
    before = {scope["scope"].partition(":")[0] for scope in phone.pull()["scopes"]}
    assert before == {"person", "library"}
    [request] = documents(ana, "notice_request")
    assert request["names"]
    group = str(uuid7())
    about = {"id": group, "programme": ADMISSION["programme"], "name": "Tuesday", "alias": "Dana"}

    def invited() -> str:
        act(dana, "groups.create", now=timezone.now(), **about)
        whom = {"group": group, "record": admitted.data["record"]}
        act(dana, "groups.invite_member", now=timezone.now(), **whom)
        [invitation] = documents(ana, "group_invitation")
        return str(invitation["id"])

    values = new_ids(
        {
            "access_token": phone.tokens["access_token"],
            "client_id": phone.client_id,
            "notice": notice_id(locale=ana.locale),
            "invitation": invited,
            "form": form_id("peer_group_visibility", locale=ana.locale),
        }
    )
    for _ in play("first day", values):
        pass
    after = {scope["scope"].partition(":")[0] for scope in phone.pull()["scopes"]}
    assert after == {"person", "library", "care", "program", "group"}


def test_syncing() -> None:
    circle = make_circle()
    phone = FakePhone(circle.ana)
    values = new_ids(
        {
            "access_token": phone.tokens["access_token"],
            "install": secrets.token_urlsafe(24),
            "group": f"group:{circle.group}",
            "group_id": str(circle.group),
        }
    )
    for _ in play("sync", values):
        pass
    assert [m["text"] for m in documents(circle.ana, "message")] == ["Good morning"]


def test_the_player_notices_what_is_wrong() -> None:
    answer = {"lmid": {"main": 1}, "scopes": [{"scope": "a"}, {"scope": "b", "head": 2}]}
    assert holds({"lmid": {"main": 1}, "scopes": [{"scope": "b", "head": "{head}"}]}, answer, {})
    for wrong in (
        {"lmid": {"main": 2}},
        {"lmid": {"urgent": 1}},
        {"scopes": [{"scope": "c"}]},
        {"epoch": "…"},
    ):
        assert not holds(wrong, answer, {})
    assert not holds({"lmid": {"main": "{one}"}}, answer, {"one": 2})
