"""The notice, and the texts that people sign."""

from __future__ import annotations

from uuid_utils.compat import uuid7

from recovery.actions import SYSTEM
from tests.cast import (
    FORM,
    NOTICE,
    employ,
    load_wordings,
    make_patient,
    make_programme,
    make_user,
    notice_id,
    open_library,
    shipped,
    user_of,
)
from tests.contract.story import Move, Scene, story

ANSWER = "person/notice_acknowledgement"
SAME = "the same version again changes nothing"


@story("privacy.publish_notice", "privacy.publish_consent_form")
def texts_are_published() -> Scene:
    load_wordings()
    open_library(make_user())
    newer = {"version": "2026-03", "effective_on": "2026-03-01"}
    notice = shipped("notice.2026-02") | newer
    yield Move(NOTICE, SYSTEM, notice, tells={"library/notice"})
    yield Move(NOTICE, SYSTEM, notice, because=SAME)
    form = shipped("consent.peer_group_visibility.2026-02") | newer
    yield Move(FORM, SYSTEM, form, tells={"library/consent_form"})
    yield Move(FORM, SYSTEM, form, because=SAME)


@story("privacy.decline_notice", "privacy.acknowledge_notice")
def a_patient_declines_and_then_acknowledges_the_notice() -> Scene:
    load_wordings()
    programme = make_programme()
    patient = user_of(make_patient(programme, employ(programme), confirmed=False))
    answer = {"id": uuid7(), "notice": notice_id()}
    yield Move("privacy.decline_notice", patient, answer, tells={ANSWER})
    acknowledgement = {"id": uuid7(), "notice": notice_id(), "signed_name": "Ana Reyes"}
    begins = {ANSWER, "care/members", "program/members"}
    yield Move("privacy.acknowledge_notice", patient, acknowledgement, tells=begins)
    second = "acknowledging the same version on another phone changes nothing"
    again = acknowledgement | {"id": uuid7()}
    yield Move("privacy.acknowledge_notice", patient, again, because=second)
