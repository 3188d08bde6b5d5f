"""Frames reach every member of the scope once and in order, and no one else."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from tests.cast import make_user, open_group
from tests.live.phones import LivePhone, change, change_members, closed_with, receive
from tests.live.server import LiveServer


def test_a_change_of_ones_own_arrives_with_its_document(live: LiveServer, phone: LivePhone) -> None:
    with phone.listen(live.url) as line:
        other = LivePhone(phone.user)
        frame = receive(line, "c")
        assert frame["s"] == f"person:{phone.user.id}"
        assert frame["from"] == phone.heads[frame["s"]]
        assert frame["to"] == frame["from"] + 1
        kind, object_id, seq, document = frame["put"][0]
        assert (kind, object_id, seq) == ("device_session", other.tokens["session"], frame["to"])
        assert document["platform"] == "android"
        assert frame["del"] == []


def test_all_members_receive_frames_in_commit_order(live: LiveServer) -> None:
    phones = [LivePhone() for _ in range(3)]
    group = open_group(*(phone.user for phone in phones))
    lines = [phone.listen(live.url) for phone in phones]
    for n in range(60):
        change(group, phones[n % 3].user, objects=1 + n % 2)
    for line in lines:
        frames = [receive(line, "c") for _ in range(60)]
        assert [frame["from"] for frame in frames] == [0] + [f["to"] for f in frames[:-1]]
        assert frames[-1]["to"] == 90
        line.close()


def test_a_stranger_receives_nothing(live: LiveServer, phone: LivePhone) -> None:
    stranger = LivePhone()
    group = open_group(phone.user)
    with phone.listen(live.url) as inside, stranger.listen(live.url) as outside:
        change(group, phone.user)
        assert receive(inside, "c")["s"] == f"group:{group}"
        heads = [receive(outside, "h")["heads"] for _ in range(3)]
        assert heads == [{}, {}, {}]


def test_only_the_authors_phone_gets_the_mutation_id(live: LiveServer, phone: LivePhone) -> None:
    peer = LivePhone()
    group = open_group(phone.user, peer.user)
    with phone.listen(live.url) as author, peer.listen(live.url) as reader:
        change(group, phone.user, origin=[phone.client_id, 44])
        own, read = receive(author, "c"), receive(reader, "c")
        assert own.pop("o") == [phone.client_id, 44]
        assert own == read
        assert phone.client_id not in json.dumps(read)


def test_staff_get_no_documents_and_pull_them(live: LiveServer, phone: LivePhone) -> None:
    """What staff read of others is audited, and only a pull leaves that trace."""
    staff = LivePhone(make_user(is_staff=True))
    group = open_group(phone.user, staff.user)
    with phone.listen(live.url) as patient, staff.listen(live.url) as counsellor:
        change(group, phone.user)
        assert "del" in receive(patient, "c")
        assert receive(counsellor, "c").keys() == {"t", "s", "from", "to"}


def test_a_change_in_the_programme_is_a_poke_with_a_random_delay(live: LiveServer) -> None:
    phones = [LivePhone() for _ in range(6)]
    programme = open_group(*(phone.user for phone in phones), kind="program")
    lines = [phone.listen(live.url) for phone in phones]
    change(programme, phones[0].user, origin=[phones[0].client_id, 1])
    frames = [receive(line, "c") for line in lines]
    assert {frozenset(frame) for frame in frames} == {
        frozenset({"t", "s", "from", "to", "delay_ms"})
    }
    delays = [frame["delay_ms"] for frame in frames]
    assert len(set(delays)) > 1
    assert all(0 <= delay <= 60_000 for delay in delays)
    for line in lines:
        line.close()


def test_the_library_is_silent_until_the_heartbeat(live: LiveServer, phone: LivePhone) -> None:
    library = open_group(phone.user, kind="library")
    with phone.listen(live.url) as line:
        change(library, phone.user)
        heads = receive(line, "h")
        while not heads["heads"]:
            heads = receive(line, "h")
        assert list(heads["heads"].values()) == [1]


def test_heads_of_what_changed_come_with_the_next_heartbeat(
    live: LiveServer, phone: LivePhone
) -> None:
    """This also holds when the frame was lost."""
    group = open_group(phone.user)
    with phone.listen(live.url) as line:
        with transaction.atomic():
            change(group, phone.user)
            transaction.get_connection().run_on_commit.clear()
        heads = receive(line, "h")
        while not heads["heads"]:
            heads = receive(line, "h")
        assert heads["heads"] == {f"group:{group}": 1}
        assert receive(line, "h")["heads"] == {}


def test_a_new_scope_is_delivered_from_its_first_change(live: LiveServer, phone: LivePhone) -> None:
    with phone.listen(live.url) as line:
        group = open_group(make_user(), phone.user)
        receive(line, "scopes")
        change(group, phone.user)
        # A busy server may find the scope by itself before it hears of it, and say so twice.
        assert receive(line, "c", before=("h", "scopes"))["s"] == f"group:{group}"


def test_a_new_scope_is_discovered_although_its_announcement_was_lost(
    live: LiveServer, phone: LivePhone
) -> None:
    host = make_user()
    group = open_group(host)
    with phone.listen(live.url) as line:
        change_members(host, quietly=True, grant=(group, phone.user.id, "member"))
        receive(line, "scopes")
        change(group, phone.user)
        # A busy server may find the scope by itself before it hears of it, and say so twice.
        assert receive(line, "c", before=("h", "scopes"))["s"] == f"group:{group}"


def test_typing_reaches_the_others_under_the_authors_group_name(
    live: LiveServer, phone: LivePhone
) -> None:
    peer = LivePhone()
    group = open_group(phone.user, peer.user)
    with phone.listen(live.url) as author, peer.listen(live.url) as reader:
        author.send(json.dumps({"t": "e", "s": f"group:{group}", "k": "typing"}))
        frame = receive(reader, "e")
        assert frame["s"] == f"group:{group}"
        assert (frame["k"], frame["ttl"]) == ("typing", 6)
        assert str(phone.user.id) not in json.dumps(frame)
        change(group, peer.user)
        # The next frame for the author is the change, not an echo of their typing.
        assert receive(author, "c")["to"] == 1


def test_typing_in_a_foreign_scope_reaches_no_one(live: LiveServer, phone: LivePhone) -> None:
    peer = LivePhone()
    group = open_group(peer.user)
    with phone.listen(live.url) as outside, peer.listen(live.url) as inside:
        outside.send(json.dumps({"t": "e", "s": f"group:{group}", "k": "typing"}))
        outside.send(json.dumps({"t": "e", "s": f"group:{uuid7()}", "k": "typing"}))
        receive(outside, "h")
        change(group, peer.user)
        assert receive(inside, "c")["to"] == 1


@pytest.mark.parametrize(
    "message",
    [
        {"t": "e", "s": "program:x", "k": "typing"},
        {"t": "e", "s": "group:x", "k": "shouting"},
        {"t": "e", "s": 7, "k": "typing"},
        {"t": "e"},
        {"t": "c"},
        {"t": "token", "token": 7},
    ],
)
def test_an_unknown_message_closes_the_socket(
    live: LiveServer, phone: LivePhone, message: object
) -> None:
    with phone.listen(live.url) as line:
        line.send(json.dumps(message))
        assert closed_with(line) == 4400


def test_a_phone_that_never_stops_talking_is_closed(live: LiveServer, phone: LivePhone) -> None:
    group = open_group(phone.user)
    with phone.listen(live.url) as line:
        for _ in range(40):
            line.send(json.dumps({"t": "e", "s": f"group:{group}", "k": "typing"}))
        assert closed_with(line) == 4429
