"""Staff answer what people did with their tools, and sign check-ins."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.practice.models import CheckIn
from tests.cast import Circle, ConsoleBrowser, act, bodies, employ, make_olive
from tests.console.tools import (
    HALT,
    HOSTILE,
    check_in,
    done,
    everything,
    more_people,
    on_the_staff,
    practice,
    read_by,
    reviews,
)

pytestmark = pytest.mark.django_db
CHECK_INS = "/review/check-ins"


@pytest.fixture
def care(db: None) -> Circle:
    return practice()


@pytest.fixture
def dana(care: Circle) -> ConsoleBrowser:
    return ConsoleBrowser(care.dana)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_who_has_waited_longest_is_first(care: Circle, dana: ConsoleBrowser) -> None:
    new, old = done(care.records["ana"]), done(care.records["ben"], HALT, back=3)
    page = dana.reads("/review")
    assert "2 tools wait for your answer" in page
    assert page.index(f"attempt-{old}") < page.index(f"attempt-{new}")
    assert ">3 days<" in page
    assert ">Just now<" in page


def test_nothing_waits(dana: ConsoleBrowser) -> None:
    assert "Nothing waits for you." in dana.reads("/review")
    assert "Nothing waits for you." in dana.reads(CHECK_INS)


def test_every_step_is_shown_in_the_words_of_the_person(care: Circle, dana: ConsoleBrowser) -> None:
    answers = {"where": ["chest", "legs"], "feels_like": "Tight", "wave": 540, "peak": 8}
    attempt = done(care.records["ana"], before=7, answers=answers)
    page = dana.reads(f"/review/{attempt}")
    for words in ("“Tight”", ">Chest<", "9 minutes", "8 of 10", "7 of 10", "Not rated"):
        assert words in page, words
    assert "Not written yet" in page
    assert "Left out" not in page
    times = {"started_at": timezone.now(), "finished_at": timezone.now()}
    finished = done(care.records["ana"], answers=answers, **times)
    assert "Left out" in dana.reads(f"/review/{finished}")


def test_what_this_version_does_not_know_is_shown_too(care: Circle, dana: ConsoleBrowser) -> None:
    """A tool of another library, answers of another version, answers that could not be read."""
    foreign = done(care.records["ana"], str(uuid7()), answers={"own": "Kept words"})
    page = dana.reads(f"/review/{foreign}")
    assert "A tool that this library does not have" in page
    assert "“Kept words”" in page
    odd = done(care.records["ana"], before=70, answers={"newer": "New words", "peak": 700})
    page = dana.reads(f"/review/{odd}")
    for words in ("Also sent", "“New words”", "“700”", "“70”"):
        assert words in page, words


def test_how_it_went_before_is_beside(care: Circle, dana: ConsoleBrowser) -> None:
    first = done(care.records["ana"], back=2, before=8, after=4)
    done(care.records["ben"], back=2, before=1, after=1)
    done(care.records["ana"], HALT, back=2)
    data = {"id": uuid7(), "attempt": first, "comment": "You stayed."}
    act(care.dana, "practice.review_attempt", now=timezone.now(), **data)
    page = dana.reads(f"/review/{done(care.records['ana'])}")
    before = page.split('id="earlier"')[1].split("</table>")[0]
    assert before.count(f"/review/{first}") == before.count('th scope="row"') == 1
    assert "“You stayed.”" in before


def test_an_answer_is_on_the_phone_and_the_next_one_is_named(
    care: Circle, dana: ConsoleBrowser
) -> None:
    attempt = done(care.records["ana"])
    other = done(care.records["ben"], HALT)
    page = text_of(dana.do(f"/review/{attempt}", "answer", comment="Well done."))
    assert "Sent to Ana." in page
    assert "Dana wrote</small><p>Well done.</p>" in page
    assert f'href="/review/{other}">Next: Ben Reyes' in page
    assert [(row.attempt_id, row.comment) for row in reviews()] == [(attempt, "Well done.")]
    [shown] = bodies(care.ana, "attempt_review")
    assert shown["comment"] == "Well done."
    assert f"attempt-{attempt}" not in dana.reads("/review")


def test_without_words_the_person_sees_that_it_was_read(care: Circle, dana: ConsoleBrowser) -> None:
    attempt = done(care.records["ana"])
    page = text_of(dana.do(f"/review/{attempt}", "answer", comment="  "))
    assert "Ana will see that you read it." in page
    assert "Dana read it" in page
    assert "Nothing else waits for you." in page
    assert [row.comment for row in reviews()] == [""]


def test_the_second_answer_is_refused_and_what_was_typed_stays(
    care: Circle, dana: ConsoleBrowser
) -> None:
    attempt = done(care.records["ana"])
    dana.do(f"/review/{attempt}", "answer", comment="First.")
    response = dana.do(f"/review/{attempt}", "answer", comment="Second.")
    assert response.status_code == 422
    page = text_of(response)
    assert "This attempt has already been reviewed." in page
    assert "What you typed was not sent:</small><p>Second." in page
    assert [row.comment for row in reviews()] == ["First."]


def test_an_answer_that_is_too_long_stays_typed(care: Circle, dana: ConsoleBrowser) -> None:
    attempt = done(care.records["ana"])
    response = dana.do(f"/review/{attempt}", "answer", comment="long " * 500)
    assert response.status_code == 422
    assert "long long" in text_of(response).split("<textarea")[1].split("</textarea>")[0]
    assert reviews() == []


def test_outsiders_find_nothing_and_leave_no_trace(care: Circle) -> None:
    """Another programme, a colleague without patients, and one who has left."""
    attempt = done(care.records["ana"])
    check_in(care.records["ana"])
    colleague, former = employ(care.programme), employ(care.programme)
    on_the_staff(care, colleague, "Eli")
    on_the_staff(care, former, "Gus", left_at=timezone.now())
    for user in (make_olive(), colleague, former):
        browser = ConsoleBrowser(user)
        assert browser.get(f"/review/{attempt}").status_code == 404
        assert browser.do(f"/review/{attempt}", "answer", comment="x").status_code == 404
        for path in ("/review", CHECK_INS):
            assert "Ana" not in browser.reads(path)
        assert read_by(user) == []
    assert reviews() == []


def test_each_person_shown_is_one_read(care: Circle, dana: ConsoleBrowser) -> None:
    ana, ben = care.records["ana"], care.records["ben"]
    attempt = done(ana)
    done(ana, back=1)
    check_in(ben)
    dana.reads("/review")
    assert read_by(care.dana) == [ana.id]
    dana.reads(f"/review/{attempt}")
    assert read_by(care.dana) == [ana.id, ana.id]
    dana.reads(CHECK_INS)
    assert read_by(care.dana) == [ana.id, ana.id, ben.id]


@pytest.mark.parametrize("path", ["/review", "attempt", CHECK_INS])
def test_many_cost_as_much_as_one(care: Circle, dana: ConsoleBrowser, path: str) -> None:
    attempt = done(care.records["ana"], back=9)
    check_in(care.records["ana"], mood=3)
    done(care.records["ana"], back=10)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            dana.reads(f"/review/{attempt}" if path == "attempt" else path)
        return len(captured)

    before = queries()
    for record in more_people(care, 12):
        done(record, HALT)
        check_in(record, mood=3)
    done(care.records["ana"], back=11)
    assert queries() == before


def test_hostile_words_are_only_words(care: Circle, dana: ConsoleBrowser) -> None:
    attempt = done(care.records["ana"], answers={"feels_like": HOSTILE[:4000]})
    check_in(care.records["ana"], plan=HOSTILE[:1000])
    for path in (f"/review/{attempt}", CHECK_INS):
        page = dana.reads(path)
        assert "<script>" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "a" * 900 in page


def test_a_check_in_is_shown_in_words(care: Circle, dana: ConsoleBrowser) -> None:
    check_in(
        care.records["ana"],
        mood=2,
        craving_now=0,
        craving_worst=9,
        sleep_hours=6.5,
        sleep_quality=2,
        halt=["hungry", "tired"],
        medication="partly",
        used=True,
        used_what="one beer",
        success="I called Ben.",
        plan="Group",
    )
    page = dana.reads(CHECK_INS)
    for words in (
        "Felt low. Urge 0 of 10. Urge at its strongest 9 of 10. Ticked: hungry, tired.",
        "Slept 6.5 hours. Sleep was poor. Used: “one beer”. Took some of the medicine.",
        "“I called Ben.”",
        "“Group”",
    ):
        assert words in page, words


def test_today_is_left_open(care: Circle, dana: ConsoleBrowser) -> None:
    check_in(care.records["ana"], back=0, mood=3)
    check_in(care.records["ana"], back=2, mood=3)
    assert dana.reads(CHECK_INS).count('id="check-in-') == 1


def test_one_day_is_signed(care: Circle, dana: ConsoleBrowser) -> None:
    first, second = check_in(care.records["ana"], 2, mood=3), check_in(care.records["ana"], mood=4)
    page = text_of(dana.do(CHECK_INS, "sign", check_in=str(first)))
    assert "1 day is signed." in page
    assert f"check-in-{first}" not in page
    assert f"check-in-{second}" in page
    signed = {row.id: row.signed_by for row in everything(CheckIn)}
    assert signed == {first: care.dana.id, second: None}


def test_all_days_of_a_person_are_signed_at_once(care: Circle, dana: ConsoleBrowser) -> None:
    """Although a colleague has just signed one of them."""
    days = [check_in(care.records["ana"], back, mood=3) for back in (1, 2, 3)]
    others = check_in(care.records["ben"], mood=3)
    assert "Sign all 3 days" in dana.reads(CHECK_INS)
    act(care.dana, "practice.sign_check_in", now=timezone.now(), check_in=days[1])
    page = text_of(dana.do(CHECK_INS, "sign", check_in=[str(each) for each in days]))
    assert "3 days are signed." in page
    assert {row.id for row in everything(CheckIn) if row.signed_at} == set(days)
    assert f"check-in-{others}" in page


def test_a_signed_day_is_not_signed_again_and_strangers_sign_nothing(
    care: Circle, dana: ConsoleBrowser
) -> None:
    day = check_in(care.records["ana"], mood=3)
    foreign = ConsoleBrowser(make_olive()).do(CHECK_INS, "sign", check_in=str(day))
    assert foreign.status_code == 422
    assert [row.signed_at for row in everything(CheckIn)] == [None]
    dana.do(CHECK_INS, "sign", check_in=str(day))
    [once] = everything(CheckIn)
    again = dana.do(CHECK_INS, "sign", check_in=str(day))
    assert "already been signed" in text_of(again)
    assert once.signed_at is not None
    assert [row.signed_at for row in everything(CheckIn)] == [once.signed_at]
