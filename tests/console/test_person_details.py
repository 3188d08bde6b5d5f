"""A person's details: what is corrected, the level of care, its end, and who is on the team."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.care.models import (
    CareRecord,
    CareTeamMember,
    CorrectionRequest,
    Episode,
    EpisodeChapter,
    EpisodeEnding,
    LevelChange,
    RecordCorrection,
)
from recovery.people.models import Person
from tests.cast import act
from tests.console.caseload import THURSDAY, Patient, Place, make_place
from tests.console.planning import send, words
from tests.roles import set_scene

pytestmark = pytest.mark.django_db

STORY = (
    CareRecord,
    CareTeamMember,
    CorrectionRequest,
    Episode,
    EpisodeChapter,
    EpisodeEnding,
    LevelChange,
    RecordCorrection,
    Person,
)


@pytest.fixture
def place() -> Iterator[Place]:
    with time_machine.travel(THURSDAY, tick=False):
        yield make_place()


@pytest.fixture
def ana(place: Place) -> Patient:
    return place.admit()


def details(of: Patient) -> str:
    return f"{of.path}/details"


def do(place: Place, of: Patient, name: str, **fields: Any) -> str:
    """Do it, and return what the page says then."""
    response = place.desk().do(details(of), name, **fields)
    assert response.status_code == 200, words(response.content.decode())
    return words(response.content.decode())


def refuses(place: Place, of: Patient, name: str, because: str, **fields: Any) -> None:
    """The page says why, keeps what was typed, and nothing is changed."""
    before = everything()
    response = place.desk().do(details(of), name, **fields)
    page = response.content.decode()
    assert response.status_code == 422
    [alert] = re.findall(r'role="alert".*?</div>', page, re.DOTALL)
    assert because in words(alert)
    # A form that is no longer there keeps nothing.
    if f'name="do" value="{name}"' in page:
        assert all(fields.get(typed, "") in page for typed in ("reason", "phone"))
    assert everything() == before


def everything() -> list[Any]:
    with transaction.atomic(), set_scene():
        return [list(model.objects.order_by("id").values()) for model in STORY]


def asks(of: Patient, field: str = "phone", words_of: str = "555-0117") -> uuid.UUID:
    """The person asks to have something corrected."""
    id_ = uuid7()
    data = {"id": id_, "record": of.record, "field": field, "wanted": words_of}
    act(of.user, "care.request_correction", now=THURSDAY, **data)
    return id_


def request_of(id_: uuid.UUID) -> CorrectionRequest:
    with transaction.atomic(), set_scene():
        return CorrectionRequest.objects.get(id=id_)


def team(of: Patient) -> set[uuid.UUID]:
    with transaction.atomic(), set_scene():
        rows = CareTeamMember.objects.in_scope(of.record).filter(until=None)
        return set(rows.values_list("user_id", flat=True))


def in_care(of: Patient) -> bool:
    with transaction.atomic(), set_scene():
        episodes = Episode.objects.in_scope(of.record)
        return episodes.filter(ended_on=None).exists()


def test_only_what_differs_is_corrected_and_they_see_what_it_was(
    place: Place, ana: Patient
) -> None:
    typed = {"family_name": "Reyes-Cole", "phone": "555-0117", "reason": "She married."}
    page = words(send(place.desk(), details(ana), "correct", **typed).content.decode())
    assert "Corrected: Last name, Telephone. They see what was changed." in page
    assert "Last name Reyes Reyes-Cole Dana Reed, Mar 5, 2026 She married." in page
    row = ana.row()
    assert (row.given_name, row.family_name, row.phone) == ("Ana", "Reyes-Cole", "555-0117")


def test_a_form_without_a_difference_corrects_nothing(place: Place, ana: Patient) -> None:
    before = everything()
    page = words(send(place.desk(), details(ana), "correct").content.decode())
    assert "Nothing was different, so nothing was changed." in page
    assert everything() == before


def test_a_correction_over_what_a_colleague_has_changed_is_refused(
    place: Place, ana: Patient
) -> None:
    theirs = {"changes": {"phone": "555-0100"}, "expected": {"phone": ana.row().phone}}
    act(place.dana, "care.correct_person", now=THURSDAY, record=ana.record, **theirs)
    because = "A colleague has corrected this already: phone."
    typed = {"phone": "555-0117", "seen_phone": "555-0199", "reason": "New."}
    refuses(place, ana, "correct", because, **typed)


def test_a_date_that_cannot_be_is_refused_beside_its_field(place: Place, ana: Patient) -> None:
    fields = {"date_of_birth": "2031-01-01", "seen_date_of_birth": str(ana.row().date_of_birth)}
    refuses(place, ana, "correct", "Please check the year.", **fields, reason="Misread.")


def test_what_they_asked_for_is_corrected_and_answered_at_once(place: Place, ana: Patient) -> None:
    request = asks(ana)
    assert "Ana asks for a correction" in place.desk().reads(details(ana))
    do(place, ana, "correct", phone="555-0117", seen_phone=ana.row().phone, request=request)
    assert (ana.row().phone, request_of(request).state) == ("555-0117", "accepted")
    assert "Ana asks for a correction" not in place.desk().reads(details(ana))


def test_a_request_is_accepted_in_words(place: Place, ana: Patient) -> None:
    request = asks(ana, "other", "My sister is Teo's guardian.")
    page = do(place, ana, "answer", request=request, accepted="true", reason="Written down.")
    assert "The request is answered: accepted." in page
    assert "Accepted Dana Reed, Mar 5, 2026" in page
    assert "“Written down.”" in page
    assert request_of(request).state == "accepted"


def test_a_request_is_declined_with_a_reason_only(place: Place, ana: Patient) -> None:
    request = asks(ana)
    why = "Please tell the person why."
    refuses(place, ana, "answer", why, request=request, accepted="false", reason="")
    page = do(place, ana, "answer", request=request, accepted="false", reason="It is the old one.")
    assert "The request is answered: declined. They read why." in page
    assert request_of(request).state == "declined"


def test_a_request_is_answered_once(place: Place, ana: Patient) -> None:
    request = asks(ana)
    do(place, ana, "answer", request=request, accepted="true")
    because = "This request has been answered already."
    refuses(place, ana, "answer", because, request=request, accepted="false", reason="No.")


def test_the_level_changes_from_a_day_on(place: Place, ana: Patient) -> None:
    page = do(place, ana, "change_level", level="outpatient", reason="She is steady.")
    assert "The level is changed. They see what it means for their sessions." in page
    assert "Outpatient" in words(place.desk().reads(details(ana)))


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        ({"reason": ""}, "may not be blank"),
        ({"level": "none"}, "does not offer this level"),
        ({"level": "alumni"}, "Make them an alumnus instead."),
        ({"from_date": "2026-02-20"}, "this week at the earliest"),
        ({"hours_per_week": "many"}, "A valid number is required."),
    ],
)
def test_a_level_that_cannot_be_is_refused(
    place: Place, ana: Patient, wrong: dict[str, str], because: str
) -> None:
    fields = {"level": "outpatient", "reason": "She is steady."} | wrong
    refuses(place, ana, "change_level", because, **fields)


def test_they_become_an_alumnus_with_those_who_stay(place: Place, ana: Patient) -> None:
    eli, fay = place.hire("Eli", "Moss"), place.hire("Fay", "Stone")
    for colleague in (eli, fay):
        place.join(ana, colleague)
    page = do(place, ana, "make_alumnus", reason="She finished.", stays=str(eli.id))
    assert "They are an alumnus from today on, and keep all that they wrote." in page
    assert ana.row().alumnus_since is not None
    assert team(ana) == {place.dana.id, eli.id}
    refuses(place, ana, "make_alumnus", "This person is already an alumnus.", reason="Again.")


def test_care_ends_and_the_end_is_taken_back(place: Place, ana: Patient) -> None:
    page = do(place, ana, "end_care", reason="completed", follows="nothing", note="Went well.")
    assert "Care has ended. This can be taken back for 14 days." in page
    assert "Care ended on March 5, 2026." in page
    assert not in_care(ana)
    over = "This person is not in care now. If they come back, begin their care again."
    refuses(place, ana, "end_care", over, reason="completed", follows="nothing")
    refuses(place, ana, "take_back", "may not be blank", reason="")
    page = do(place, ana, "take_back", reason="It was Ann.")
    assert "The end is taken back. Care goes on, with its sessions and its team." in page
    assert in_care(ana)
    refuses(place, ana, "take_back", "has not ended", reason="Once more.")


def test_a_referral_says_to_whom(place: Place, ana: Patient) -> None:
    why = {"reason": "transferred", "follows": "referral"}
    refuses(place, ana, "end_care", "Please say to whom.", **why)
    do(place, ana, "end_care", **why, referred_to="Harbor House")
    assert not in_care(ana)


def test_they_come_back_with_everything_from_before(place: Place, ana: Patient) -> None:
    here = "This person is in care already. Change their level instead."
    refuses(place, ana, "readmit", here, level="iop", reason="She is in care.")
    do(place, ana, "end_care", reason="left", follows="nothing")
    refuses(place, ana, "readmit", "may not be blank", level="iop", reason="")
    page = do(place, ana, "readmit", level="iop", reason="She asked.")
    assert "They are in care again, with everything from before." in page
    assert in_care(ana)


def test_a_colleague_joins_the_team_and_can_open_the_record(place: Place, ana: Patient) -> None:
    eli = place.hire("Eli", "Moss")
    assert place.desk(eli).get(details(ana)).status_code == 404
    page = do(place, ana, "join", user=eli.id)
    assert "They are on the care team now, and can open this record." in page
    assert place.desk(eli).get(details(ana)).status_code == 200
    refuses(place, ana, "join", "is not on the program", user=uuid7())


def test_a_colleague_leaves_the_team_and_cannot_open_it(place: Place, ana: Patient) -> None:
    eli = place.hire("Eli", "Moss")
    place.join(ana, eli)
    page = do(place, ana, "leave", member=ana.member(eli))
    assert "They are no longer on the care team, and cannot open this record." in page
    assert team(ana) == {place.dana.id}
    assert place.desk(eli).get(details(ana)).status_code == 404


def test_the_last_one_leaves_only_with_a_successor(place: Place, ana: Patient) -> None:
    eli, me = place.hire("Eli", "Moss"), ana.member(place.dana)
    refuses(place, ana, "leave", "A record needs a care team.", member=me, myself="1")
    fields = {"member": me, "myself": "1", "successor": eli.id}
    response = place.desk().do(details(ana), "leave", **fields)
    assert (response.status_code, response["Location"]) == (303, "/people")
    assert team(ana) == {eli.id}
    assert place.desk().get(details(ana)).status_code == 404


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("correct", {"phone": "555-0117", "seen_phone": ""}),
        ("change_level", {"level": "outpatient", "reason": "No."}),
        ("make_alumnus", {"reason": "No."}),
        ("end_care", {"reason": "left", "follows": "nothing"}),
        ("readmit", {"level": "iop", "reason": "No."}),
        ("take_back", {"reason": "No."}),
        ("join", {}),
        ("leave", {}),
    ],
)
def test_who_is_not_on_the_team_changes_nothing(
    place: Place, ana: Patient, name: str, fields: dict[str, str]
) -> None:
    stranger = place.hire("Eli", "Moss")
    ids = {"user": str(stranger.id), "member": str(ana.member(place.dana))}
    before = everything()
    response = place.desk(stranger).do(details(ana), name, **fields | ids)
    assert response.status_code == 404
    assert everything() == before
    assert ana.reads(stranger) == []


def test_who_works_there_and_decides_nothing_is_offered_nothing(place: Place, ana: Patient) -> None:
    manager = place.hire("Gil", "Rowe", "case_manager")
    place.join(ana, manager)
    page = place.desk(manager).reads(details(ana))
    assert "End care" not in page
    before = everything()
    fields = {"reason": "left", "follows": "nothing"}
    response = place.desk(manager).do(details(ana), "end_care", **fields)
    assert response.status_code in (404, 422)
    assert everything() == before
