"""The groups that staff lead: all of them, a new one, who is in one, and invitations."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from recovery.conversations.models import MemberCard
from recovery.groups.models import GroupInvitation, PeerGroup
from recovery.signin.models import User
from tests.cast import LEGAL_NAME, ConsoleBrowser, act, hire, make_olive, make_patient
from tests.console.evening import GROUP, Evening, at, make_evening, open_group
from tests.console.planning import rows, words
from tests.console.scenes import cost, reads_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def evening() -> Iterator[Evening]:
    with at():
        yield make_evening()


def text(response: Any) -> str:
    return words(response.content.decode())


def cards(evening: Evening, viewer: User | None = None) -> dict[str, str]:
    """By alias, `member`, `facilitator` or `left`."""
    shown = rows(viewer or evening.dana, MemberCard, scope_id=evening.group)
    return {row["alias"]: "left" if row["left_at"] else row["role"] for row in shown}


def invitations(user: User) -> list[str]:
    return [row["state"] for row in rows(user, GroupInvitation)]


def test_staff_see_the_groups_that_they_lead(evening: Evening) -> None:
    evening.plan()
    other = open_group(evening.eli, evening.programme, "Book circle")
    page = ConsoleBrowser(evening.dana).reads("/groups")
    shown = words(page)
    assert "Meets at 5:30 PM, Room 2. 2 members, 3 places. No messages yet." in shown
    assert "Round is open" not in shown
    assert "Book circle" not in shown
    assert str(other) not in page
    for name in (*LEGAL_NAME, "Wren"):
        assert name not in shown


def test_an_open_round_and_new_messages_are_on_the_list(evening: Evening) -> None:
    evening.open_round()
    evening.write(evening.ana, "A secret thing.")
    evening.write(evening.dana, "Mine is not new to me.")
    taken = evening.write(evening.ben, "Never mind.")
    act(evening.ben, "groups.withdraw_message", message=taken)
    shown = words(ConsoleBrowser(evening.dana).reads("/groups"))
    assert "Last message: Monday, March 2, 10:00 AM." in shown
    assert "Round is open 1 new message Messages" in shown
    assert "secret" not in shown


def test_one_group_and_many_cost_the_same(evening: Evening) -> None:
    browser = ConsoleBrowser(evening.dana)
    evening.write(evening.ana, "One.")
    few = cost(browser, "/groups")
    for n in range(3):
        group = open_group(evening.dana, evening.programme, f"Circle {n}")
        act(evening.dana, "groups.post_message", group=group, text="Hello.")
    assert cost(browser, "/groups") == few


def test_whose_role_leads_no_groups_finds_no_group(evening: Evening) -> None:
    shown = words(ConsoleBrowser(evening.eli).reads("/groups"))
    assert "You lead no group." in shown
    assert GROUP not in shown
    assert reads_in(evening.group, evening.dana) == []


def test_a_group_is_opened_by_the_one_who_leads_it(evening: Evening) -> None:
    browser = ConsoleBrowser(evening.eli)
    shown = words(browser.reads("/groups/new"))
    assert "3 places for members." in shown
    group, programme = uuid7(), evening.programme.id
    fields = {"id": group, "programme": programme, "name": "Saturday walk", "alias": "Eli M."}
    done = browser.do("/groups/new", "create", key=uuid7(), **fields)
    assert done.status_code == 303
    assert done["Location"] == f"/groups/{group}/members"
    shown = words(browser.reads(done["Location"]))
    assert "Saturday walk" in shown
    assert "Eli Moss (you) Clinician. Known here as Eli M." in shown
    assert "You lead this group alone." in shown


def test_a_group_needs_a_name_and_staff_of_the_programme(evening: Evening) -> None:
    fields = {"id": uuid7(), "programme": evening.programme.id, "name": "", "alias": "Eli"}
    refused = ConsoleBrowser(evening.eli).do("/groups/new", "create", **fields)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.content.decode()
    olive = ConsoleBrowser(make_olive()).do("/groups/new", "create", **fields | {"name": "Walk"})
    assert olive.status_code in (404, 422)
    assert rows(evening.eli, PeerGroup) == []


def test_members_are_known_by_the_names_of_their_cards(evening: Evening) -> None:
    elm = make_patient(evening.programme, evening.eli)
    hire(evening.fay, evening.programme.id, "counsellor", ("Noor", "Hale"))
    page = ConsoleBrowser(evening.dana).reads(f"{evening.path}/members")
    shown = words(page)
    assert "2 members, 3 places." in shown
    assert "Fern March 2, 2026 Their page : Fern" in shown
    assert f"/people/{evening.records['ana'].id}/groups" in page
    assert str(elm.id) not in page
    assert "Dana Cole (you) Counselor. Known here as Dana." in shown
    assert "Noor Hale, Counselor" in shown
    for name in LEGAL_NAME:
        assert name not in shown


def test_who_is_not_on_a_care_team_is_led_to_no_record(evening: Evening) -> None:
    act(
        evening.dana,
        "groups.add_facilitator",
        group=evening.group,
        colleague=evening.eli.id,
        alias="Eli",
    )
    page = ConsoleBrowser(evening.eli).reads(f"{evening.path}/members")
    assert "Wren" in page
    assert "Their page" not in page
    assert str(evening.records["ana"].id) not in page


def test_a_member_is_removed_and_keeps_no_name(evening: Evening) -> None:
    browser, path = ConsoleBrowser(evening.dana), f"{evening.path}/members"
    done = browser.do(path, "remove", card=evening.card(evening.ana), name="Wren")
    assert "Wren is not in the group anymore." in text(done)
    assert "Who left Wren left Monday, March 2, 2026" in text(done)
    assert cards(evening) == {"Dana": "facilitator", "Wren": "left", "Fern": "member"}
    again = browser.do(path, "remove", card=evening.card(evening.ana), name="Wren")
    assert again.status_code == 422
    assert "This person is not a member of the group." in text(again)
    assert browser.do(path, "remove", card=evening.card(evening.dana)).status_code == 422
    assert cards(evening)["Dana"] == "facilitator"


def test_a_colleague_is_added_and_one_steps_back(evening: Evening) -> None:
    browser, path = ConsoleBrowser(evening.dana), f"{evening.path}/members"
    fields = {"colleague": evening.eli.id, "alias": "Eli"}
    assert "Eli leads the group, too." in text(browser.do(path, "add_facilitator", **fields))
    twice = browser.do(path, "add_facilitator", **fields)
    assert "This person is already in the group." in text(twice)
    done = browser.do(path, "step_back", successor="")
    assert (done.status_code, done["Location"]) == (303, "/groups")
    assert browser.get(path).status_code == 404
    assert cards(evening, evening.eli)["Dana"] == "left"


def test_a_name_that_looks_like_a_member_s_is_refused(evening: Evening) -> None:
    path = f"{evening.path}/members"
    fields = {"colleague": evening.eli.id, "alias": "wren"}
    refused = ConsoleBrowser(evening.dana).do(path, "add_facilitator", **fields)
    assert refused.status_code == 422
    assert "Someone here uses this name" in text(refused)
    assert 'value="wren"' in refused.content.decode()
    assert "wren" not in cards(evening)


def test_who_leads_alone_names_who_goes_on(evening: Evening) -> None:
    browser, path = ConsoleBrowser(evening.dana), f"{evening.path}/members"
    refused = browser.do(path, "step_back", successor="")
    assert refused.status_code == 422
    assert "A group needs a leader." in text(refused)
    assert cards(evening)["Dana"] == "facilitator"
    assert browser.do(path, "step_back", successor=evening.eli.id).status_code == 303
    after = cards(evening, evening.eli)
    assert (after["Dana"], after["Eli"]) == ("left", "facilitator")


def test_someone_in_care_is_invited_and_the_invitation_taken_back(evening: Evening) -> None:
    browser, path = ConsoleBrowser(evening.dana), f"{evening.path}/invite"
    page = browser.reads(path)
    cleo = str(evening.records["cleo"].id)
    assert cleo in page
    assert str(evening.records["ana"].id) not in page
    done = browser.do(path, "ask", record=cleo)
    assert "The invitation is on their phone." in text(done)
    assert invitations(evening.cleo) == ["open"]
    twice = browser.do(path, "ask", record=cleo)
    assert "This person already has an invitation to this group." in text(twice)
    assert "is taken back" in text(browser.do(path, "take_back", record=cleo))
    assert invitations(evening.cleo) == ["withdrawn"]
    none = browser.do(path, "take_back", record=cleo)
    assert none.status_code == 422
    assert "This person has no open invitation to this group." in text(none)


def test_the_page_does_not_say_who_was_invited_or_said_no(evening: Evening) -> None:
    browser, path = ConsoleBrowser(evening.dana), f"{evening.path}/invite"
    before = words(browser.reads(path))
    browser.do(path, "ask", record=evening.records["cleo"].id)
    assert words(browser.reads(path)) == before
    [invitation] = rows(evening.cleo, GroupInvitation)
    act(evening.cleo, "groups.decline_invitation", invitation=invitation["id"])
    assert words(browser.reads(path)) == before


def test_a_full_group_invites_nobody(evening: Evening) -> None:
    browser = ConsoleBrowser(evening.dana)
    assert "Invite someone" in browser.reads(f"{evening.path}/members")
    evening.bring_in("elm", "Elm")
    shown = words(browser.reads(f"{evening.path}/members"))
    assert "The group is full" in shown
    assert "Invite someone" not in shown
    cleo = evening.records["cleo"].id
    refused = browser.do(f"{evening.path}/invite", "ask", record=cleo)
    assert "This group is full." in text(refused)
    assert invitations(evening.cleo) == []


def test_those_of_other_care_teams_cannot_be_invited(evening: Evening) -> None:
    elm = make_patient(evening.programme, evening.eli)
    path = f"{evening.path}/invite"
    browser = ConsoleBrowser(evening.dana)
    assert str(elm.id) not in browser.reads(path)
    assert browser.do(path, "ask", record=elm.id).status_code == 422
    assert rows(User.objects.get(id=elm.user_id), GroupInvitation) == []


@pytest.mark.parametrize("part", ["", "/messages", "/members", "/invite"])
def test_others_find_no_group_and_leave_no_trace(evening: Evening, part: str) -> None:
    act(
        evening.dana,
        "groups.add_facilitator",
        group=evening.group,
        colleague=evening.eli.id,
        alias="Eli",
    )
    act(evening.eli, "groups.step_back", group=evening.group)
    for who in (make_olive(), evening.fay, evening.eli, evening.ana):
        browser = ConsoleBrowser(who)
        assert browser.get(evening.path + part).status_code == 404
        assert browser.get(f"/groups/{uuid.uuid4()}{part}").status_code == 404
    assert reads_in(evening.group, evening.dana) == []


def test_others_change_nothing(evening: Evening) -> None:
    before = cards(evening)
    cleo = evening.records["cleo"].id
    for who in (make_olive(), evening.fay, evening.eli):
        browser = ConsoleBrowser(who)
        members, invite = f"{evening.path}/members", f"{evening.path}/invite"
        tries = [
            browser.do(members, "remove", card=evening.card(evening.ana)),
            browser.do(members, "add_facilitator", colleague=who.id, alias="Me"),
            browser.do(members, "step_back", successor=who.id),
            browser.do(invite, "ask", record=cleo),
            browser.do(invite, "take_back", record=cleo),
        ]
        assert {each.status_code for each in tries} == {404}
    assert cards(evening) == before
    assert invitations(evening.cleo) == []


def test_more_members_cost_no_more(evening: Evening) -> None:
    browser, path = ConsoleBrowser(evening.dana), f"{evening.path}/members"
    few = cost(browser, path)
    evening.bring_in("elm", "Elm")
    hire(evening.fay, evening.programme.id, "counsellor", ("Noor", "Hale"))
    assert cost(browser, path) == few


def test_one_read_event_says_that_the_group_was_seen(evening: Evening) -> None:
    ConsoleBrowser(evening.dana).reads(f"{evening.path}/members")
    assert reads_in(evening.group, evening.dana) == [(evening.dana.id, "read group_members")]
    assert reads_in(evening.records["ana"].id, evening.dana) == []
    ConsoleBrowser(evening.dana).reads(f"{evening.path}/invite")
    cleo = evening.records["cleo"].id
    assert reads_in(cleo, evening.dana) == [(evening.dana.id, "read group_invite")]
    assert reads_in(evening.records["ana"].id, evening.dana) == []


@pytest.mark.parametrize("name", ["<script>x</script>", "<b>" + "A" * 70])
def test_a_hostile_name_is_only_text(evening: Evening, name: str) -> None:
    group = open_group(evening.dana, evening.programme, name)
    browser = ConsoleBrowser(evening.dana)
    for path in ("/groups", f"/groups/{group}", f"/groups/{group}/members"):
        page = browser.reads(path)
        assert "<script>x" not in page
        assert "<b>AA" not in page


def test_pages_lead_to_the_group_and_back(evening: Evening) -> None:
    series = evening.plan()
    browser = ConsoleBrowser(evening.dana)
    assert f'href="{evening.path}"' in browser.reads("/")
    assert f'href="{evening.path}"' in browser.reads(f"/people/{evening.records['ana'].id}/groups")
    session = uuid.uuid5(series, "2026-03-02/0")
    assert f'href="{evening.path}"' in browser.reads(f"/sessions/{session}/roster")
    assert f'href="{evening.path}"' in browser.reads(f"/sessions/{session}")
    assert f'href="/sessions/{session}/roster"' in browser.reads(f"{evening.path}?part=brief")
