"""J1: a patient sees nothing of their programme before acknowledging the notice in force."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from foundation.problems import Invalid, NotAllowed, NotFound, Refused
from recovery.actions import SYSTEM, Call
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.flush import flush
from recovery.feed.models import FeedEntry
from recovery.privacy.actions.notices import ask_for_answer
from recovery.privacy.models import Notice, NoticeAcknowledgement
from recovery.privacy.rules.wording import fill
from recovery.signin.models import User
from tests.cast import (
    NOTICE,
    NOW,
    FakePhone,
    act,
    load_wordings,
    make_user,
    notice_id,
    open_library,
    shipped,
)
from tests.roles import set_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    """Signed in, with a programme membership held until she acknowledges the notice."""
    load_wordings()
    staff, ana = make_user(is_staff=True), make_user()
    with transaction.atomic(), collecting(), set_scene():
        programme = uuid7()
        scopes.open_scope("program", programme, home_id=programme, user_id=staff.id, role="admin")
        scopes.grant(programme, ana.id, "patient", held=True)
    open_library(ana)
    return ana


def pulled_scopes(user: User) -> list[str]:
    """The kinds of the scopes in a first pull."""
    return sorted(name.partition(":")[0] for name in FakePhone(user, registered=True).first_pull())


def answer(user: User, action: str = "acknowledge", **data: Any) -> Any:
    request = {"notice": notice_id(), **data}
    if action == "acknowledge":
        request.setdefault("signed_name", "Ana Reyes")
    return act(user, f"privacy.{action}_notice", **request)


def answers_of(user: User) -> list[str]:
    set_actor(user.id)
    rows = NoticeAcknowledgement.objects.in_scope(user.id).order_by("id")
    return list(rows.values_list("answer", flat=True))


NAMES = {"programme": "Harbor House", "phone": "555-0100", "email": "privacy@harbor.example"}


def test_the_names_for_the_notice_are_published_before_the_answer(ana: User) -> None:
    names = NAMES | {"privacy_contact": {"en": "Privacy Officer", "es": "Responsable"}}
    staff = make_user(is_staff=True)
    with transaction.atomic(), collecting() as collection, set_scene():
        for _ in range(2):
            ask_for_answer(Call(staff, NOW), ana.id, programme_id=uuid7(), names=names)
        flush(collection, author_id=staff.id, now=NOW, origin=[])
    set_actor(ana.id)
    docs = FeedEntry.objects.filter(scope_id=ana.id, kind="notice_request")
    assert [json.loads(entry.doc)["names"] for entry in docs] == [names, names]
    text = shipped("notice.2026-02")["text"]["en"]["heading"]
    filled = fill(text, {name: str(value) for name, value in names.items()})
    assert "Privacy Officer" in filled
    assert "{programme}" not in filled


def test_a_request_must_fill_every_placeholder_of_the_notice(ana: User) -> None:
    with transaction.atomic(), collecting(), pytest.raises(ValueError, match="privacy_contact"):
        ask_for_answer(Call(ana, NOW), ana.id, programme_id=uuid7(), names=NAMES)


def test_before_the_answer_a_phone_has_only_its_own_scope_and_the_library(ana: User) -> None:
    assert pulled_scopes(ana) == ["library", "person"]


def test_acknowledging_releases_held_memberships(ana: User) -> None:
    answer(ana)
    assert pulled_scopes(ana) == ["library", "person", "program"]


def test_an_acknowledgement_records_what_was_signed_and_when(ana: User) -> None:
    signed_at = NOW - timedelta(hours=2)
    data = {"id": str(uuid7()), "notice": notice_id(), "signed_name": "Ana Reyes"}
    act(ana, "privacy.acknowledge_notice", client_time=signed_at, **data)
    set_actor(ana.id)
    kept = NoticeAcknowledgement.objects.in_scope(ana.id).get(id=data["id"])
    shown = Notice.objects.visible_to(ana).get()
    assert shown.content["title"] == shipped("notice.2026-02")["text"]["en"]["title"]
    assert kept.text_hash == Notice.hash_of(shown.content)
    assert (kept.version, kept.locale, kept.signed_name) == ("2026-02", "en", "Ana Reyes")
    assert (kept.answered_at, kept.received_at) == (signed_at, NOW)


def test_the_notice_is_a_document_in_its_languages_library(ana: User) -> None:
    library = FakePhone(ana, registered=True).first_pull()["library:en"]
    notices = [doc for kind, _, _, doc in library["put"] if kind == "notice"]
    assert [(n["version"], n["locale"]) for n in notices] == [("2026-02", "en")]
    assert Notice.hash_of(notices[0]["content"]) == notices[0]["text_hash"]


def test_declining_is_recorded_and_releases_nothing(ana: User) -> None:
    answer(ana, "decline")
    assert answers_of(ana) == ["declined"]
    assert pulled_scopes(ana) == ["library", "person"]


def test_a_patient_who_declined_may_still_acknowledge(ana: User) -> None:
    answer(ana, "decline")
    answer(ana)
    assert answers_of(ana) == ["declined", "acknowledged"]
    assert pulled_scopes(ana) == ["library", "person", "program"]


def test_acknowledging_from_a_second_phone_changes_nothing(ana: User) -> None:
    first, second = answer(ana), answer(ana)
    assert first.data == second.data
    assert answers_of(ana) == ["acknowledged"]


def test_a_retry_with_the_same_key_changes_nothing(ana: User) -> None:
    key, data = uuid7(), {"notice": notice_id()}
    for _ in range(2):
        act(ana, "privacy.decline_notice", key=key, **data)
    assert answers_of(ana) == ["declined"]


@pytest.mark.parametrize(
    "unknown", ["b423a24c-e73a-4191-9d50-b678e7f58ed9", notice_id(locale="es")]
)
def test_a_notice_that_the_user_cannot_see_is_not_found(ana: User, unknown: str) -> None:
    with pytest.raises(NotFound):
        answer(ana, notice=unknown)
    assert answers_of(ana) == []
    assert pulled_scopes(ana) == ["library", "person"]


@pytest.mark.parametrize("action", ["acknowledge", "decline"])
def test_an_old_version_is_refused_and_the_refusal_includes_the_new_one(
    ana: User, action: str
) -> None:
    newer = shipped("notice.2026-02") | {"version": "2026-03", "effective_on": "2026-03-01"}
    act(SYSTEM, NOTICE, **newer)
    with pytest.raises(Refused) as refusal:
        answer(ana, action)
    assert refusal.value.code == "superseded"
    assert refusal.value.current[1] == notice_id("2026-03")
    assert answers_of(ana) == []
    assert pulled_scopes(ana) == ["library", "person"]


def test_a_version_that_is_not_in_force_yet_supersedes_nothing(ana: User) -> None:
    later = shipped("notice.2026-02") | {"version": "2026-04", "effective_on": "2026-04-01"}
    act(SYSTEM, NOTICE, **later)
    answer(ana)
    with pytest.raises(Refused):
        answer(ana, notice=notice_id("2026-04"))
    assert answers_of(ana) == ["acknowledged"]


def test_an_acknowledgement_needs_a_name(ana: User) -> None:
    with pytest.raises(Invalid):
        answer(ana, signed_name="  ")
    assert answers_of(ana) == []
    assert pulled_scopes(ana) == ["library", "person"]


def test_publishing_the_same_text_again_changes_nothing() -> None:
    load_wordings()
    again = act(SYSTEM, NOTICE, **shipped("notice.2026-02"))
    assert again.data == {"published": False}


def test_a_published_version_never_changes() -> None:
    load_wordings()
    changed = shipped("notice.2026-02")
    changed["text"]["en"]["title"] = "Another title"
    with pytest.raises(Refused) as refusal:
        act(SYSTEM, NOTICE, **changed)
    assert refusal.value.code == "version_exists"
    set_actor(SYSTEM.id)
    stored = Notice.objects.in_scope(scopes.scope_id("library:en")).get()
    assert stored.content["title"] != "Another title"


def test_a_notice_with_an_unknown_placeholder_is_refused() -> None:
    wrong = shipped("notice.2026-02")
    wrong["text"]["es"]["heading"] = "Hola {nobody}"
    with pytest.raises(Invalid) as refusal:
        act(SYSTEM, NOTICE, **wrong)
    assert "nobody" in str(refusal.value.errors)
    set_actor(SYSTEM.id)
    assert not Notice.objects.visible_to(SYSTEM).exists()


def test_a_notice_in_one_language_is_refused() -> None:
    wrong = shipped("notice.2026-02")
    del wrong["text"]["es"]
    with pytest.raises(Invalid):
        act(SYSTEM, NOTICE, **wrong)
    set_actor(SYSTEM.id)
    assert not Notice.objects.visible_to(SYSTEM).exists()


def test_only_the_system_publishes(ana: User) -> None:
    newer = shipped("notice.2026-02") | {"version": "2026-03"}
    with pytest.raises(NotAllowed):
        act(ana, NOTICE, **newer)
    set_actor(ana.id)
    assert Notice.objects.visible_to(ana).count() == 1


def test_memberships_held_after_an_answer_are_released_by_the_next(ana: User) -> None:
    """For example, a second programme on the same account."""
    answer(ana)
    second = make_user()
    with transaction.atomic(), collecting(), set_scene():
        group = uuid7()
        scopes.open_scope("group", group, home_id=group, user_id=second.id, role="facilitator")
        scopes.grant(group, ana.id, "member", held=True)
    assert "group" not in pulled_scopes(ana)
    answer(ana)
    assert "group" in pulled_scopes(ana)
