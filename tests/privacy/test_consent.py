"""A consent is in force while it has every element of 42 CFR 2.31(a) and has not ended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from uuid_utils.compat import uuid7

from foundation.problems import Invalid, Refused
from recovery.actions import SYSTEM, Call
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.privacy.actions.consents import record_consent
from recovery.privacy.models import Consent, ConsentForm
from recovery.privacy.queries import consent_in_force
from recovery.privacy.rules.consent import is_in_force, missing_elements
from recovery.privacy.rules.wording import fill
from recovery.signin.models import User
from tests.cast import FORM, NOW, act, form_id, load_wordings, make_user, open_library, shipped

KIND = "peer_group_visibility"
NAME = "consent.peer_group_visibility.2026-02"
TODAY = NOW.date()


def consent(**changes: Any) -> Consent:
    words = dict.fromkeys(Consent.ELEMENTS, "words")
    about = {"kind": KIND, "subject_id": uuid7(), "form_id": uuid7(), "signed_at": NOW}
    return Consent(**words | about | {"text_hash": "0" * 64, "locale": "en"} | changes)


def test_a_complete_consent_is_in_force() -> None:
    assert missing_elements(consent()) == []
    assert is_in_force(consent(), TODAY)


@pytest.mark.parametrize("element", Consent.ELEMENTS)
def test_a_consent_missing_an_element_is_not_in_force(element: str) -> None:
    incomplete = consent(**{element: "  "})
    assert missing_elements(incomplete) == [element]
    assert not is_in_force(incomplete, TODAY)


@pytest.mark.parametrize("state", ["revoked", "expired"])
def test_a_consent_that_has_ended_is_not_in_force(state: str) -> None:
    assert not is_in_force(consent(state=state, ended_at=NOW), TODAY)


def test_a_consent_is_in_force_up_to_its_expiry_date() -> None:
    dated = consent(expires_on=TODAY)
    assert is_in_force(dated, TODAY)
    assert not is_in_force(dated, TODAY + timedelta(days=1))


@pytest.fixture
def ana(db: None) -> User:
    load_wordings()
    user = make_user()
    open_library(user)
    set_actor(user.id)
    return user


@pytest.mark.parametrize("element", Consent.ELEMENTS)
def test_the_database_refuses_a_consent_missing_an_element(ana: User, element: str) -> None:
    row = consent(scope_id=ana.id, user_id=ana.id, **{element: ""})
    with pytest.raises(IntegrityError, match="consent_complete"), transaction.atomic():
        row.save(force_insert=True)
    assert not Consent.objects.in_scope(ana.id).exists()


def test_the_database_refuses_two_consents_in_force_for_one_subject(ana: User) -> None:
    group = uuid7()
    one, other = (consent(scope_id=ana.id, user_id=ana.id, subject_id=group) for _ in range(2))
    one.save(force_insert=True)
    with pytest.raises(IntegrityError, match="one_consent_in_force"), transaction.atomic():
        other.save(force_insert=True)


def sign(user: User, **changes: Any) -> Consent:
    form = ConsentForm.objects.visible_to(user).get(id=form_id(KIND))
    defaults: dict[str, Any] = {
        "kind": KIND,
        "scope_id": user.id,
        "subject_id": uuid7(),
        "patient_name": "Ana Reyes",
        "names": {"programme": "Harbor House", "group": "Tuesday"},
    }
    signed = {"form": form, "signature": "Ana Reyes"}
    with transaction.atomic(), collecting():
        return record_consent(Call(actor=user, now=NOW), signed, **defaults | changes)


def test_the_filled_in_wording_of_the_form_is_recorded(ana: User) -> None:
    kept = sign(ana)
    form = shipped(NAME)["text"]["en"]
    assert kept.discloser == "Harbor House"
    assert kept.recipient == fill(
        form["elements"]["recipient"], {"programme": "Harbor House", "group": "Tuesday"}
    )
    assert kept.text_hash == ConsentForm.hash_of(
        ConsentForm.objects.visible_to(ana).get(id=form_id(KIND)).content
    )


def test_a_consent_is_returned_only_while_in_force(ana: User) -> None:
    kept = sign(ana)

    def in_force(on: date) -> Consent | None:
        return consent_in_force(user_id=ana.id, kind=KIND, subject_id=kept.subject_id, on=on)

    assert in_force(TODAY) == kept
    Consent.objects.in_scope(ana.id).update(expires_on=TODAY)
    assert in_force(TODAY + timedelta(days=1)) is None


def test_a_consent_without_a_name_is_refused(ana: User) -> None:
    with pytest.raises(Refused) as refusal:
        sign(ana, patient_name=" ")
    assert refusal.value.code == "incomplete"
    assert not Consent.objects.in_scope(ana.id).exists()


def test_an_old_form_is_refused_and_the_refusal_includes_the_new_one(ana: User) -> None:
    newer = shipped(NAME) | {"version": "2026-03", "effective_on": "2026-03-01"}
    act(SYSTEM, FORM, **newer)
    set_actor(ana.id)
    with pytest.raises(Refused) as refusal:
        sign(ana)
    assert refusal.value.code == "superseded"
    assert str(refusal.value.current.id) == form_id(KIND, "2026-03")
    assert not Consent.objects.in_scope(ana.id).exists()


def test_names_are_never_treated_as_placeholders(ana: User) -> None:
    assert sign(ana, names={"programme": "{group}", "group": "{0.__class__}"}).discloser == (
        "{group}"
    )


@pytest.mark.parametrize("element", ["discloser", "purpose", "revocation", "expiry"])
def test_a_form_missing_an_element_is_not_published(db: None, element: str) -> None:
    wrong = shipped(NAME)
    del wrong["text"]["es"]["elements"][element]
    with pytest.raises(Invalid):
        act(SYSTEM, FORM, **wrong)
    set_actor(SYSTEM.id)
    assert not ConsentForm.objects.visible_to(SYSTEM).exists()


def test_a_form_of_an_unknown_kind_is_not_published(db: None) -> None:
    with pytest.raises(Invalid):
        act(SYSTEM, FORM, **shipped(NAME) | {"kind": "tpo"})
