"""Moments in which a phone could lose, double or betray something: its storage is full or slow, or
it is wiped or another person's while an answer is on its way."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clients.phone.clock import parse_time
from tests.clients.js.device import NodeDevice
from tests.clients.js.drive import Drive, Refused

POST = "groups.post_message"
SETUP = {
    "home": "http://testserver",
    "app": {"platform": "web", "version": "1.0.0", "schema": 1, "page": 500},
    "overlays": {
        POST: {"scope": "group:{group}", "kind": "message", "id": "id", "fields": ["text"]}
    },
}
AT = "2026-03-02T15:00:00Z"
LEASE = "2026-04-01T15:00:00Z"
TOKENS = {"access_token": "a", "access_expires_at": LEASE, "refresh_token": "r", "session": "s"}
LIMITS = {"mutations": 50, "bytes": 524288}
A_MINUTE = 60_000


class Phone:
    """A phone in a test that answers its requests by hand."""

    def __init__(self, drive: Drive, folder: Path) -> None:
        self.drive, self.folder = drive, folder
        self.has_died = False
        self.device = NodeDevice(drive, SETUP, folder, parse_time(AT))
        self.device.sign_in("ana", "install", TOKENS)

    def ask(self, do: str, **args: Any) -> Any:
        return self.device.ask(do, **args)

    def does(self, uuid: str, text: str = "Hello", *, urgent: bool = False) -> None:
        args = {"group": "g", "id": f"message-{uuid}", "text": text}
        self.device.act(
            {"uuid": uuid, "action": POST, "v": 1, "args": args, "base": [], "urgent": urgent}
        )

    def run(self, what: str = "sync") -> None:
        self.ask("run", what=what)

    def request(self, path: str) -> Any:
        """The next request, which must be to this path."""
        event = self.device.events.popleft()
        assert event["url"].endswith(path), event
        return self.device._request(event)

    def answer(self, request: Any, body: dict[str, Any], status: int = 200) -> None:
        self.device.deliver(request, {"status": status, "body": body})

    def register(self) -> None:
        registered = {"client_id": "c", "epoch": "e", "limits": LIMITS}
        self.answer(self.request("clients"), registered | times())

    def synced(self, *scopes: dict[str, Any]) -> None:
        self.run()
        self.register()
        self.answer(self.request("pull"), page(*scopes))
        assert not self.device.events

    def restart(self) -> None:
        self.has_died |= self.died()
        self.device.events.clear()
        self.ask("restart")

    def died(self) -> bool:
        return any("dies" in event for event in self.device.events)

    def end(self) -> None:
        self.drive.forget(self.device.name)

    def state(self) -> dict[str, Any]:
        return self.device.state()


def times() -> dict[str, Any]:
    return {"server_time": AT, "lease_expires_at": LEASE}


def page(*scopes: dict[str, Any], **more: Any) -> dict[str, Any]:
    empty = {"epoch": "e", "has_more": False, "drop": [], "lmid": {}, "results": []}
    return {**empty, **times(), "scopes": list(scopes), **more}


def scope(head: int, *put: list[Any], reset: str | None = None) -> dict[str, Any]:
    return {"scope": "group:g", "pos": [head, 0, "1.1"], "head": head, "reset": reset,
            "put": list(put), "del": []}  # fmt: skip


def entry(seq: int) -> list[Any]:
    return ["message", f"m{seq}", seq, {"text": str(seq)}]


def frame(seq: int) -> dict[str, Any]:
    return {"t": "c", "s": "group:g", "from": seq - 1, "to": seq, "put": [entry(seq)], "del": []}


HELLO = {"t": "hello", "epoch": "e", "hb": 25}


def every_death(phone: Phone) -> Iterator[Phone]:
    """A phone of Ana's that has read a page and will die before its first write; one that will die
    after it, before the second, and so on, until one lives on."""
    for step in itertools.count(2):
        other = Phone(phone.drive, phone.folder)
        other.synced(scope(1, entry(1), reset="sweep"))
        other.ask("die", writes=step // 2, after=step % 2 == 1)
        yield other
        other.end()
        if not other.has_died:
            return


Moment = Callable[[Phone], None]
MOMENTS: dict[str, Moment] = {}


def moment(play: Moment) -> Moment:
    MOMENTS[play.__name__] = play
    return play


@moment
def what_finds_no_room_is_neither_kept_nor_shown(phone: Phone) -> None:
    phone.synced(scope(1, entry(1), reset="sweep"))
    phone.ask("fill", commits=1)
    with pytest.raises(Refused, match="StorageFull"):
        phone.does("one")
    assert (phone.state()["outbox"], phone.state()["pending"]) == ([], [])
    phone.does("two")
    assert phone.state()["outbox"] == [["main", "two"]]
    phone.ask("verify")


@moment
def what_was_built_on_a_lost_change_is_lost_with_it(phone: Phone) -> None:
    """Two frames, the first of which finds no room: the cursor must not pass its entry."""
    phone.synced(scope(1, entry(1), reset="sweep"))
    phone.ask("frame", frame=HELLO)
    phone.ask("hold", held=True)
    phone.ask("frame", frame=frame(2))
    phone.ask("frame", frame=frame(3))
    phone.ask("fill", commits=1)
    phone.ask("hold", held=False)
    phone.ask("release")
    state = phone.state()
    assert state["cursor"]["scopes"]["group:g"][0] == 1
    assert state["entries"]["group:g"] == [["message", "m1", 1]]
    phone.ask("verify")


@moment
def an_act_during_the_way_back_is_not_built_on_half_a_memory(phone: Phone) -> None:
    phone.synced(scope(1, entry(1), reset="sweep"))
    phone.does("one")
    phone.ask("hold", held=True)
    phone.ask("frame", frame=HELLO)
    phone.ask("frame", frame=frame(2))
    phone.ask("fill", commits=1)
    phone.ask("release")
    phone.does("two")  # while the phone reads its disk again
    phone.ask("hold", held=False)
    for _ in range(3):
        phone.ask("release")
    phone.ask("verify")
    phone.restart()
    assert phone.state()["outbox"] == [["main", "one"], ["main", "two"]]
    assert phone.state()["cursor"]["scopes"]["group:g"][0] == 1


@moment
def nothing_is_acknowledged_that_could_still_be_lost(phone: Phone) -> None:
    phone.synced()
    phone.does("one")
    phone.does("two", urgent=True)
    phone.run("push main")
    phone.run("push urgent")
    main, urgent = phone.request("push"), phone.request("push")
    phone.ask("hold", held=True)
    phone.answer(urgent, {"lmid": {"urgent": 1}, "results": [{"id": 1, "status": "applied"}]})
    phone.run("pull")
    phone.answer(main, {"lmid": {"main": 1}, "results": [{"id": 1, "status": "applied"}]})
    assert not phone.device.events
    phone.ask("release")
    assert not phone.device.events
    phone.ask("hold", held=False)
    phone.ask("release")
    assert phone.request("pull").body["ack"] == {"main": 1, "urgent": 1}


@moment
def what_is_erased_stays_erased_when_an_answer_comes_late(phone: Phone) -> None:
    """A page is on its way while another request learns that the phone is to be wiped."""
    phone.run("pull")
    phone.register()
    late = phone.request("pull")
    phone.does("one", urgent=True)
    phone.run("push urgent")
    phone.answer(phone.request("push"), {"status": 410, "code": "wipe", "receipt": "r"}, 410)
    phone.answer(late, page(scope(1, entry(1), reset="sweep")))
    assert phone.device.documents() == {}
    phone.ask("verify")
    phone.restart()
    assert phone.device.documents() == {}


@moment
def pages_of_one_person_do_not_reach_the_next(phone: Phone) -> None:
    phone.run("pull")
    phone.register()
    late = phone.request("pull")
    phone.device.sign_in("ben", "install", TOKENS | {"access_token": "b", "session": "t"})
    phone.answer(late, page(scope(1, entry(1), reset="sweep")))
    assert phone.device.documents() == {}


@moment
def tokens_of_one_person_do_not_reach_the_next(phone: Phone) -> None:
    phone.run("pull")
    phone.answer(phone.request("clients"), {"status": 401, "code": "token_expired"}, 401)
    refresh = phone.request("refresh")
    phone.device.sign_in("ben", "install", TOKENS | {"access_token": "b", "refresh_token": "rb"})
    phone.answer(refresh, TOKENS | {"access_token": "a2", "refresh_token": "r2"})
    phone.run("pull")
    assert phone.request("clients").token == "b"


@moment
def nothing_leaves_before_it_is_marked(phone: Phone) -> None:
    """A crash must not leave an act that the server may have and the phone believes at home."""
    phone.synced()
    phone.does("one")
    phone.ask("hold", held=True)
    phone.run("push main")
    assert not phone.device.events
    phone.ask("release")
    phone.request("push")


@moment
def only_what_never_left_is_taken_back(phone: Phone) -> None:
    phone.synced()
    phone.does("one")
    phone.does("two")
    phone.does("three")
    assert phone.ask("take_back", uuid="two") is True
    phone.run("push main")
    pushed = phone.request("push").body["mutations"]
    assert [(each["id"], each["uuid"]) for each in pushed] == [(1, "one"), (2, "three")]
    phone.does("four")
    assert [phone.ask("take_back", uuid=each) for each in ("one", "four")] == [False, True]
    assert phone.state()["outbox"] == [["main", "one"], ["main", "three"]]
    phone.ask("verify")


@moment
def what_met_no_network_is_taken_back_and_what_lost_its_answer_is_not(phone: Phone) -> None:
    phone.synced()
    phone.does("one")
    phone.does("two")
    phone.run("push main")
    phone.ask("lose", request=phone.request("push").number, offline=True)
    assert phone.ask("take_back", uuid="one") is True
    phone.run("push main")
    phone.ask("lose", request=phone.request("push").number)
    assert phone.ask("take_back", uuid="two") is False
    assert phone.state()["outbox"] == [["main", "two"]]
    phone.ask("verify")


@moment
def a_frame_during_a_pull_is_applied_after_it(phone: Phone) -> None:
    phone.synced(scope(1, entry(1), reset="sweep"))
    phone.ask("frame", frame=HELLO)
    phone.run("pull")
    phone.ask("frame", frame=frame(3))
    phone.answer(phone.request("pull"), page(scope(2, entry(2))))
    assert phone.state()["cursor"]["scopes"]["group:g"][0] == 3


@moment
def a_person_sees_their_own_data_only(phone: Phone) -> None:
    """Ben signs in on Ana's phone, which dies meanwhile."""
    for other in every_death(phone):
        other.device.sign_in(
            "ben", "install", TOKENS | {"access_token": "b", "refresh_token": "rb"}
        )
        died = other.died()
        other.restart()
        who = other.ask("who")
        owner = {"a": "ana", "b": "ben", None: who["user"]}[who.get("access_token")]
        assert who["user"] == owner, who
        assert who["user"] == "ana" or other.device.documents() == {}
        assert died or (who["user"], who["access_token"]) == ("ben", "b")


@moment
def a_wipe_is_finished_and_receipted_after_a_crash(phone: Phone) -> None:
    for other in every_death(phone):
        other.run("pull")
        wipe = {"status": 410, "code": "wipe", "receipt": "receipt"}
        other.answer(other.request("pull"), wipe, 410)
        if other.died():
            other.restart()
            other.run("sync")
            if other.ask("who").get("wiped") is None:  # the order has not been heard
                other.answer(other.request("pull"), wipe, 410)
        assert other.device.documents() == {}
        assert other.request("wipe-receipt").body == {"receipt": "receipt"}


@moment
def json_of_something_in_between_is_no_answer(phone: Phone) -> None:
    """A portal says 200 to everything, in JSON. The phone waits and asks again."""
    phone.does("one")
    phone.run()
    portal = {"login": "https://portal.example"}
    pushed = {"lmid": {"main": 1}, "results": [{"id": 1, "status": "applied"}]}
    registered = {"client_id": "c", "epoch": "e", "limits": LIMITS} | times()
    for path, answer in (("clients", registered), ("push", pushed), ("pull", page())):
        phone.answer(phone.request(path), portal)
        phone.ask("resume", backoff=phone.device.events.popleft()["backoff"])
        phone.answer(phone.request(path), answer)
    assert phone.state()["outbox"] == []


@moment
def tokens_are_not_given_up_for_something_in_between(phone: Phone) -> None:
    phone.run("pull")
    phone.answer(phone.request("clients"), {"status": 401, "code": "token_expired"}, 401)
    phone.answer(phone.request("refresh"), {"login": "https://portal.example"})
    phone.answer(phone.request("refresh"), TOKENS | {"access_token": "a2", "refresh_token": "r2"})
    assert phone.request("clients").token == "a2"


@moment
def a_full_disk_keeps_what_it_has(phone: Phone) -> None:
    """SQLite itself finds no room."""
    phone.synced(scope(1, entry(1), reset="sweep"))
    phone.does("one")
    phone.ask("disk", pages=1)  # it stays as large as it is
    with pytest.raises(Refused, match="StorageFull"):
        phone.does("two", "long " * 10_000)
    phone.ask("disk", pages=100_000)
    phone.does("three", "long " * 10_000)
    phone.ask("verify")
    phone.restart()
    assert phone.state()["outbox"] == [["main", "one"], ["main", "three"]]


@moment
def a_frame_is_judged_again_after_the_way_back(phone: Phone) -> None:
    """It fitted behind one that found no room. Now it would skip that one's entry."""
    phone.synced(scope(1, entry(1), reset="sweep"))
    phone.ask("frame", frame=HELLO)
    phone.ask("hold", held=True)
    phone.ask("frame", frame=frame(2))
    phone.ask("fill", commits=1)
    phone.ask("release")
    phone.ask("frame", frame=frame(3))  # while the phone reads its disk again
    phone.ask("hold", held=False)
    phone.ask("release")
    assert phone.state()["cursor"]["scopes"]["group:g"][0] == 1
    assert phone.device.wants_sync()


@moment
def a_broken_disk_does_not_end_syncing(phone: Phone) -> None:
    """The error is shown as the defect that it is, and the phone tries again later."""
    phone.ask("foreground")
    phone.ask("break", commits=1)
    with pytest.raises(AssertionError, match="the disk is broken"):
        phone.register()
    phone.ask("pass_time", ms=A_MINUTE)  # it asks every quarter of an hour anyway
    phone.register()
    phone.answer(phone.request("pull"), page(scope(1, entry(1), reset="sweep")))
    assert phone.state()["entries"]["group:g"] == [["message", "m1", 1]]


@moment
def signing_in_does_not_look_like_being_signed_out(phone: Phone) -> None:
    phone.device.sign_in("ben", "install", TOKENS)
    assert set(phone.ask("screens")) <= {"new", "open"}


@moment
def a_listener_that_fails_stops_nothing(phone: Phone) -> None:
    phone.ask("listen_badly")
    with pytest.raises(AssertionError, match="a bad listener"):
        phone.device.sign_in("ben", "install", TOKENS | {"access_token": "b"})
    assert phone.ask("who")["access_token"] == "b"


def applied(uuid: str, *at: list[Any]) -> dict[str, Any]:
    return {"id": 1, "uuid": uuid, "status": "applied", "at": list(at)}


def shown(phone: Phone) -> list[str]:
    return [key for _, _, key, _ in phone.state()["pending"]]


@moment
def what_was_sent_is_shown_until_its_document_comes(phone: Phone) -> None:
    """The urgent lane does not pull. What the act changed elsewhere does not matter here."""
    there = {**scope(1, reset="sweep"), "scope": "group:h"}
    phone.synced(scope(1, entry(1), reset="sweep"), there)
    phone.does("one", urgent=True)
    phone.run("push urgent")
    result = applied("one", ["group:g", 3], ["group:h", 7])
    phone.answer(phone.request("push"), {"lmid": {"urgent": 1}, "results": [result]})
    assert (phone.state()["outbox"], shown(phone)) == ([], ["message-one"])
    phone.restart()
    assert shown(phone) == ["message-one"]
    phone.run("pull")
    phone.answer(phone.request("pull"), page(scope(2, entry(2)), has_more=True))
    assert shown(phone) == ["message-one"]
    phone.answer(phone.request("pull"), page(scope(3, ["message", "message-one", 3, {}])))
    assert shown(phone) == []


@moment
def what_was_read_is_not_laid_over_it_again(phone: Phone) -> None:
    """Its document came as a frame before the result; then the scope is read from its start."""
    phone.synced(scope(1, entry(1), reset="sweep"))
    phone.ask("frame", frame=HELLO)
    phone.does("one", urgent=True)
    phone.run("push urgent")
    push = phone.request("push")
    phone.ask("frame", frame=frame(2))
    result = applied("one", ["group:g", 2])
    phone.answer(push, {"lmid": {"urgent": 1}, "results": [result]})
    assert shown(phone) == []
    phone.run("pull")
    first_page = {**scope(1, entry(1), reset="purge"), "head": 2}
    phone.answer(phone.request("pull"), page(first_page, has_more=True))
    assert shown(phone) == []


@moment
def what_was_sent_after_the_backup_is_not_taken_back(phone: Phone) -> None:
    """The database is restored and the keystore is not. `two` was queued since then."""
    phone.synced()
    phone.does("one")
    image = phone.ask("image")
    phone.run("push main")
    phone.ask("lose", request=phone.request("push").number)
    phone.device.events.clear()
    phone.ask("restore", image=image)
    phone.does("two")
    assert [phone.ask("take_back", uuid=each) for each in ("one", "two")] == [False, True]
    phone.restart()
    assert phone.ask("take_back", uuid="one") is False


@moment
def what_waits_is_taken_back_after_a_restart(phone: Phone) -> None:
    phone.synced()
    phone.does("one")
    phone.run("push main")
    phone.ask("lose", request=phone.request("push").number)
    phone.does("two")
    phone.restart()
    assert [phone.ask("take_back", uuid=each) for each in ("one", "two")] == [False, True]


@moment
def a_phone_with_the_data_of_another_takes_nothing_of_it_back(phone: Phone) -> None:
    phone.does("one")
    other = phone.device.copy(phone.folder, with_keys=False)
    other.sign_in("ana", "another install", TOKENS)
    assert other.ask("take_back", uuid="one") is False
    phone.drive.forget(other.name)
    assert phone.ask("take_back", uuid="one") is True


@moment
def a_fork_shows_that_another_phone_may_have_sent_it(phone: Phone) -> None:
    """All was copied, the keystore too, and the copy has sent something under our next id."""
    phone.synced()
    phone.does("one")
    phone.run("pull")
    theirs = {**applied("theirs"), "lane": "main"}
    phone.answer(phone.request("pull"), page(lmid={"main": 1}, results=[theirs]))
    assert phone.ask("take_back", uuid="one") is False


@moment
def a_portal_signs_nobody_in(phone: Phone) -> None:
    """Above all, the phone does not take it for another person and erase what waits."""
    phone.does("one")
    for what, path in (("enrol", "enrolment"), ("request_code", "request")):
        phone.run(what)
        phone.answer(phone.request(path), {"login": "https://portal.example"})
        assert phone.device.ended.popitem()[1] == "Unreachable"
    assert phone.ask("who")["user"] == "ana"
    assert phone.state()["outbox"] == [["main", "one"]]


@moment
def a_late_answer_does_not_sign_out_the_next_person(phone: Phone) -> None:
    phone.ask("foreground")
    late = phone.request("clients")
    phone.device.sign_in("ben", "install", TOKENS | {"access_token": "b", "refresh_token": "rb"})
    phone.answer(late, {"client_id": "c", "epoch": "e", "limits": LIMITS} | times())
    phone.device.events.clear()
    phone.ask("ring")
    phone.register()
    assert phone.request("pull").token == "b"


@moment
def after_signing_out_the_open_app_is_ready_for_the_next_person(phone: Phone) -> None:
    phone.ask("foreground")
    phone.register()
    phone.answer(phone.request("pull"), page())
    phone.run("sign_out")
    phone.answer(phone.request("sign-out"), {}, 204)
    phone.run("enrol")
    phone.answer(phone.request("enrolment"), {"user": "ben", **TOKENS})
    phone.register()


@moment
def a_wake_in_the_background_opens_no_socket(phone: Phone) -> None:
    phone.ask("wake")
    phone.ask("ring")
    assert not phone.device.events


@moment
def a_frame_is_held_no_longer_after_the_app_was_left(phone: Phone) -> None:
    phone.synced(scope(1, entry(1), reset="sweep"))
    for _ in range(2):
        phone.ask("frame", frame=HELLO)
        phone.device.wants_sync()
        phone.ask("frame", frame=frame(3))
        assert not phone.device.wants_sync()
        phone.ask("background")
    phone.ask("frame", frame=HELLO)
    phone.device.wants_sync()
    phone.ask("frame", frame=frame(3))
    phone.ask("ring")
    assert phone.device.wants_sync()


@moment
def nothing_is_built_on_a_memory_that_could_not_be_loaded_again(phone: Phone) -> None:
    """The disk takes neither a frame nor the way back, and then works: the cursor must not pass
    that frame's entry."""
    phone.synced(scope(1, entry(1), reset="sweep"))
    phone.ask("frame", frame=HELLO)
    phone.ask("break", commits=1, loads=1)
    phone.ask("frame", frame=frame(2))
    phone.ask("frame", frame=frame(3))
    phone.ask("verify")
    assert phone.state()["cursor"]["scopes"]["group:g"][0] == 1
