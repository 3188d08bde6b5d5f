"""Register, push and pull over real HTTP, and the phone's reaction to each refusal (protocol 2.1
to 2.4)."""

from datetime import timedelta
from typing import Any

import pytest

from clients.phone import Phone
from clients.phone.errors import BrokenAnswer, Offline, Problem, Stuck, UpgradeRequired
from tests.clients.phone.pages import AT, ME, message, page, part, registration
from tests.clients.phone.scripted import (
    CLIENTS,
    PULL,
    PUSH,
    QuickClock,
    Server,
    applied,
    problem,
)

Body = dict[str, Any]


def ids(body: Body) -> list[int]:
    return [m["id"] for m in body["mutations"]]


async def test_a_new_phone_registers_then_pulls_to_the_end(phone: Phone, server: Server):
    first = part(ME, 1, [message("a", 1)], head=2, reset="sweep", base=2)
    server.will(PULL, page(first, has_more=True), page(part(ME, 2, [message("b", 2)], base=2)))
    await phone.sync()
    assert server.paths() == [CLIENTS, PULL, PULL]
    registered = server.bodies(CLIENTS)[0]
    install = phone.keystore.get("install")
    assert registered == {"install": install, "platform": "android", "app": "1.0.0", "schema": 1}
    first_pull = {"client_id": "cl_1", "schema": 1, "limit": 500, "ack": {}, "only": None}
    assert server.bodies(PULL) == [
        {**first_pull, "cursor": {}},
        {**first_pull, "cursor": {"epoch": "e1", "scopes": {ME: [1, 2, "1.1"]}}},
    ]
    assert [d.id for d in phone.documents()] == ["a", "b"]
    assert {request.token for request in server.received} == {"hra_1"}


async def test_a_second_sync_continues_from_the_cursor_without_registering(phone, server):
    server.will(PULL, page(part(ME, 3, [message("a", 3)], reset="sweep")))
    await phone.sync()
    await phone.sync()
    assert server.paths() == [CLIENTS, PULL, PULL]
    assert server.bodies(PULL)[1]["cursor"]["scopes"] == {ME: [3, 0, "1.1"]}


async def test_a_push_sends_mutations_and_pulls_in_one_request(phone, server):
    await phone.sync()
    uuid = phone.do("practice.record_check_in", {"mood": 3}, v=2)
    assert phone.state(uuid) == "saved here"
    server.will(PUSH, applied)
    await phone.sync()
    assert server.paths() == [CLIENTS, PULL, PUSH]
    assert server.bodies(PUSH) == [
        {
            "client_id": "cl_1",
            "lane": "main",
            "schema": 1,
            "ack": {},
            "mutations": [
                {
                    "id": 1,
                    "uuid": uuid,
                    "action": "practice.record_check_in",
                    "v": 2,
                    "args": {"mood": 3},
                    "base": {},
                    "client_time": "2026-03-02T12:00:00.000Z",
                    "offset_ms": 0,
                }
            ],
            "pull": {"cursor": {"epoch": "e1", "scopes": {}}, "limit": 500},
        }
    ]
    assert phone.state(uuid) == "sent"


async def test_a_page_with_has_more_is_followed_by_pulls(phone, server):
    phone.do("x", {})
    first = part(ME, 1, [message("a", 1)], head=2, reset="sweep", base=2)
    server.will(PUSH, lambda body: {**applied(body), "pull": page(first, has_more=True)})
    server.will(PULL, page(part(ME, 2, [message("b", 2)], base=2)))
    await phone.sync()
    assert server.paths() == [CLIENTS, PUSH, PULL]
    assert [d.id for d in phone.documents()] == ["a", "b"]


async def test_a_change_names_its_base(phone, server):
    server.will(PULL, page(part(ME, 7, [message("a", 7)], reset="sweep")))
    await phone.sync()
    phone.do("x", {}, base=phone.documents())
    server.will(PUSH, applied)
    await phone.sync()
    assert server.bodies(PUSH)[0]["mutations"][0]["base"] == {"message/a": 7}


async def test_results_are_acknowledged_by_the_next_request(phone, server):
    phone.do("x", {})
    server.will(PUSH, applied)
    await phone.sync()
    await phone.sync()
    assert server.bodies(PULL)[-1]["ack"] == {"main": 1}


async def test_a_refusal_is_shown_with_the_refused_text(phone, server):
    uuid = phone.do("x", {"text": "long and dear"})
    refused = {"id": 1, "status": "rejected", "code": "locked"}
    server.will(PUSH, {"lmid": {"main": 1}, "results": [refused], "pull": page()})
    await phone.sync()
    assert phone.state(uuid) == "needs you"
    (kept,) = phone.not_sent()
    assert (kept.args, kept.result) == ({"text": "long and dear"}, refused)


@pytest.mark.parametrize("lost", ["answer", "request"])
async def test_after_a_loss_the_same_mutations_are_resent_with_the_same_ids(phone, server, lost):
    await phone.sync()
    uuids = [phone.do("x", {}), phone.do("y", {})]
    server.always(PUSH, applied)
    phone.network.plan(lost, PUSH)
    await phone.sync()
    sent = server.bodies(PUSH)
    assert len(sent) == (2 if lost == "answer" else 1)
    assert all(ids(body) == [1, 2] for body in sent)
    assert {tuple(m["uuid"] for m in body["mutations"]) for body in sent} == {tuple(uuids)}
    assert [phone.state(uuid) for uuid in uuids] == ["sent", "sent"]


async def test_batches_respect_the_servers_maximum_count(phone, server):
    server.always(CLIENTS, registration(mutations=2))
    await phone.sync()
    for _ in range(5):
        phone.do("x", {})
    server.always(PUSH, applied)
    await phone.sync()
    assert [ids(body) for body in server.bodies(PUSH)] == [[1, 2], [3, 4], [5]]


async def test_batches_respect_the_servers_maximum_bytes(phone, server):
    server.always(CLIENTS, registration(bytes=3000))
    await phone.sync()
    for _ in range(4):
        phone.do("x", {"text": "w" * 1000})
    server.always(PUSH, applied)
    await phone.sync()
    assert [ids(body) for body in server.bodies(PUSH)] == [[1, 2], [3, 4]]


async def test_too_large_halves_the_batch(phone, server):
    for _ in range(4):
        phone.do("x", {})
    server.will(PUSH, problem(413, "too_large"), applied, applied)
    await phone.sync()
    assert [ids(body) for body in server.bodies(PUSH)] == [[1, 2, 3, 4], [1, 2], [3, 4]]


async def test_a_mutation_that_is_too_large_alone_is_set_aside_and_the_rest_is_sent(phone, server):
    big, small = phone.do("x", {"text": "far too long"}), phone.do("x", {})
    too_large = problem(413, "too_large")
    server.will(PUSH, too_large, too_large, applied)
    await phone.sync()
    assert [ids(body) for body in server.bodies(PUSH)] == [[1, 2], [1], [1]]
    assert server.bodies(PUSH)[-1]["mutations"][0]["uuid"] == small
    assert (phone.state(big), phone.state(small)) == ("needs you", "sent")
    assert phone.not_sent()[0].args == {"text": "far too long"}


async def test_a_stopped_batch_waits_and_resumes_where_it_stopped(phone, server, clock):
    for _ in range(3):
        phone.do("x", {})
    stopped = {"id": 2, "code": "busy", "retry_after_ms": 2000}
    done = {"lmid": {"main": 1}, "results": [{"id": 1, "status": "applied"}]}
    server.will(PUSH, {**done, "stopped": stopped, "pull": page()}, applied)
    await phone.sync()
    assert [ids(body) for body in server.bodies(PUSH)] == [[1, 2, 3], [2, 3]]
    assert clock.slept[0] >= 2


@pytest.mark.parametrize("refusal", [(404, "client_unknown"), (409, "client_forked")])
async def test_a_refused_client_registers_and_renumbers_what_is_pending(phone, server, refusal):
    phone.do("x", {})
    server.will(PUSH, applied)
    await phone.sync()
    uuid = phone.do("y", {})
    server.will(CLIENTS, registration("cl_2"))
    server.will(PUSH, problem(*refusal), applied)
    await phone.sync()
    sent = [(body["client_id"], ids(body)) for body in server.bodies(PUSH)]
    assert sent == [("cl_1", [1]), ("cl_1", [2]), ("cl_2", [1])]
    assert server.bodies(PUSH)[-1]["mutations"][0]["uuid"] == uuid
    assert phone.outbox() == []


async def test_a_client_unknown_to_the_pull_keeps_the_outbox(phone, server):
    server.will(PULL, problem(404, "client_unknown"))
    server.will(CLIENTS, registration("cl_1"), registration("cl_2"))
    await phone.sync()
    assert [b["client_id"] for b in server.bodies(PULL)] == ["cl_1", "cl_2"]


async def test_a_gap_is_filled_from_sent_mutations(phone, server):
    server.always(PUSH, applied)
    first = phone.do("x", {})
    await phone.sync()
    phone.do("y", {})
    server.will(PUSH, problem(409, "mutation_gap", expected=1))
    await phone.sync()
    assert [ids(body) for body in server.bodies(PUSH)] == [[1], [2], [1, 2]]
    assert server.bodies(PUSH)[2]["mutations"][0]["uuid"] == first
    assert len(server.bodies(CLIENTS)) == 1


async def test_a_gap_of_forgotten_mutations_means_registering_again(phone, server, clock):
    server.always(PUSH, applied)
    phone.do("x", {})
    await phone.sync()
    clock.at += timedelta(days=8)
    server.always(PULL, {**page(), "server_time": "2026-03-10T12:00:00Z"})
    await phone.sync()
    phone.do("y", {})
    server.will(PUSH, problem(409, "mutation_gap", expected=1))
    server.will(CLIENTS, registration("cl_2"))
    await phone.sync()
    last = server.bodies(PUSH)[-1]
    assert (last["client_id"], ids(last)) == ("cl_2", [1])


async def test_a_new_epoch_registers_and_resends_recent_mutations(phone, server):
    server.always(PUSH, applied)
    uuid = phone.do("x", {})
    await phone.sync()
    server.will(CLIENTS, registration("cl_2", epoch="e2"))
    server.always(PULL, page(epoch="e2"))
    server.always(PUSH, lambda body: {**applied(body), "pull": page(epoch="e2")})
    await phone.sync()
    last = server.bodies(PUSH)[-1]
    assert (last["client_id"], ids(last), last["mutations"][0]["uuid"]) == ("cl_2", [1], uuid)
    assert phone.state(uuid) == "sent"


async def test_a_push_in_progress_is_waited_for(phone, server, clock):
    phone.do("x", {})
    server.will(PUSH, problem(409, "in_progress", retry_after_ms=1500), applied)
    await phone.sync()
    assert clock.slept[0] >= 1.5
    assert phone.outbox() == []


@pytest.mark.parametrize(("status", "code"), [(429, "slow_down"), (503, "maintenance"), (500, "")])
async def test_the_phone_honours_a_busy_servers_retry_after(phone, server, clock, status, code):
    await phone.sync()
    server.will(PULL, problem(status, code, headers={"Retry-After": "7"}))
    await phone.sync()
    assert len(clock.slept) == 1
    assert 7 <= clock.slept[0] <= 8


async def test_retry_after_may_be_a_date(phone, server, clock):
    await phone.sync()
    date = {"Retry-After": "Mon, 02 Mar 2026 12:00:30 GMT"}
    server.will(PULL, problem(503, "maintenance", headers=date))
    await phone.sync()
    assert 30 <= clock.slept[0] <= 31


async def test_backoff_grows_with_jitter_and_ends(phone, server, clock):
    await phone.sync()
    server.always(PULL, problem(503, "maintenance"))
    with pytest.raises(Stuck):
        await phone.sync()
    assert len(clock.slept) == 8
    assert all(pause <= 0.5 * 2**n for n, pause in enumerate(clock.slept, start=1))
    assert len(set(clock.slept)) == 8


async def test_progress_resets_the_retry_count(phone, server):
    """Eight attempts in a row without progress end a sync, not eight in total."""
    server.always(CLIENTS, registration(mutations=1))
    await phone.sync()
    busy = problem(503, "maintenance")
    for _ in range(3):
        phone.do("x", {})
        server.will(PUSH, *[busy] * 5, applied)
    await phone.sync()
    assert phone.outbox() == []


async def test_an_outdated_app_still_pushes_its_outbox(phone, server):
    uuid = phone.do("x", {})
    too_old = problem(426, "upgrade_required")
    server.will(PUSH, too_old, applied)
    server.will(PULL, too_old)
    with pytest.raises(UpgradeRequired):
        await phone.sync()
    assert "pull" in server.bodies(PUSH)[0]
    assert "pull" not in server.bodies(PUSH)[1]
    assert phone.state(uuid) == "sent"
    assert phone.needs_upgrade


def without_a_page(body):
    """The queue was taken, and the pull in the push refused."""
    answer = applied(body)
    del answer["pull"]
    return answer | {"pull_problem": {"status": 400, "code": "invalid"}}


async def test_a_damaged_cursor_is_replaced_and_the_outbox_stays(phone, server):
    server.will(PULL, page(part(ME, 1, [message("a", 1)], reset="sweep")))
    await phone.sync()
    damaged = problem(400, "invalid", errors={"cursor": ["The position of `x` is none."]})
    server.will(PUSH, without_a_page)
    server.will(PULL, damaged, page(part(ME, 2, [message("b", 2)], reset="sweep")))
    uuid = phone.do("x", {})
    await phone.sync()
    pulls = [body["cursor"] for body in server.bodies(PULL)]
    assert pulls[-2]["scopes"] == {ME: [1, 0, "1.1"]}
    assert pulls[-1] == {}
    assert phone.state(uuid) == "sent"
    assert [each.id for each in phone.documents("message")] == ["b"]


async def test_another_invalid_request_is_no_reason_to_read_everything_again(phone, server):
    server.will(PULL, page(part(ME, 1, [message("a", 1)], reset="sweep")))
    await phone.sync()
    server.will(PULL, problem(400, "invalid", errors={"limit": ["Too many."]}))
    with pytest.raises(Problem):
        await phone.sync()
    assert [each.id for each in phone.documents("message")] == ["a"]


async def test_the_update_screen_disappears_once_a_pull_succeeds(phone, server):
    server.will(PULL, problem(426, "upgrade_required"))
    with pytest.raises(UpgradeRequired):
        await phone.sync()
    await phone.sync()
    assert not phone.needs_upgrade


async def test_a_moved_home_is_remembered_and_registered_at(phone, server):
    new_home = Server()
    new_home.url = await new_home.start()
    new_home.will(CLIENTS, registration("cl_9"))
    new_home.will(PUSH, applied)
    server.will(PUSH, problem(421, "home_moved", url=new_home.url))
    uuid = phone.do("x", {})
    await phone.sync()
    assert new_home.paths() == [CLIENTS, PUSH]
    assert new_home.bodies(PUSH)[0]["client_id"] == "cl_9"
    assert phone.state(uuid) == "sent"
    assert phone.session.home == new_home.url
    await new_home.stop()


async def test_an_unknown_refusal_is_raised_and_nothing_is_lost(phone, server, clock):
    uuid = phone.do("x", {})
    server.will(PUSH, problem(400, "invalid"))
    with pytest.raises(Problem) as raised:
        await phone.sync()
    assert raised.value.code == "invalid"
    assert phone.state(uuid) == "saved here"
    assert clock.slept == []


async def test_offline_fails_at_once_and_keeps_everything(phone, server, clock):
    await phone.sync()
    await phone.offline()
    uuid = phone.do("x", {})
    with pytest.raises(Offline):
        await phone.sync()
    assert clock.slept == []
    assert phone.state(uuid) == "saved here"
    phone.online()
    server.will(PUSH, applied)
    await phone.sync()
    assert phone.state(uuid) == "sent"


async def test_urgent_goes_first_in_its_own_lane_without_a_pull(phone, server):
    phone.do("x", {})
    phone.do("safety.ask_for_help", {}, urgent=True)
    server.always(PUSH, applied)
    await phone.sync()
    first, second = server.bodies(PUSH)
    assert (first["lane"], ids(first), "pull" in first) == ("urgent", [1], False)
    assert (second["lane"], ids(second), "pull" in second) == ("main", [1], True)


async def test_a_page_that_never_ends_is_refused(phone, server):
    server.always(PULL, page(part(ME, 1, reset="sweep"), has_more=True))
    with pytest.raises(BrokenAnswer):
        await phone.sync()


async def test_the_clock_offset_is_measured_and_sent(server: Server):
    """The phone's clock is two hours fast; the server says twelve."""
    clock = QuickClock(AT + timedelta(hours=2))
    async with Phone(server.url, clock=clock) as phone:
        phone.session.begin("ana", {"access_token": "hra_1", "refresh_token": "hrr_1"})
        await phone.sync()
        phone.do("x", {})
        clock.at += timedelta(hours=-1)  # its owner notices and corrects half of the error
        server.will(PUSH, applied)
        await phone.sync()
        (sent,) = server.bodies(PUSH)[0]["mutations"]
        assert sent["client_time"] == "2026-03-02T14:00:00.000Z"
        assert sent["offset_ms"] == -7_200_000


async def test_mutations_from_before_any_contact_get_the_offset_known_when_sending(server: Server):
    clock = QuickClock(AT - timedelta(minutes=5))
    async with Phone(server.url, clock=clock) as phone:
        phone.session.begin("ana", {"access_token": "hra_1", "refresh_token": "hrr_1"})
        phone.do("x", {})
        server.will(PUSH, applied)
        await phone.sync()
        assert server.bodies(PUSH)[0]["mutations"][0]["offset_ms"] == 300_000
