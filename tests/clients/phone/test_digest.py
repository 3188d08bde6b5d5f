"""The phone compares what it holds with the server's digest and repairs differences."""

from typing import Any

from clients.phone import App, Phone
from tests.clients.phone.pages import GROUP, ME, digest, message, page, part
from tests.clients.phone.scripted import CLIENTS, DIGEST, PULL, QuickClock, Says, Server

# The first eight bytes of SHA-256("message:a:3"). An empty scope has zeros.
A3 = "01d3ca2401fbe930"
TOMORROW = {"server_time": "2026-03-03T12:00:00Z"}


def a_day_passes(server: Server, *pages: dict[str, Any]) -> None:
    """Advance the server's clock, which the phone follows."""
    server.always(PULL, page() | TOMORROW)
    server.will(PULL, *(each | TOMORROW for each in pages))


async def holding_a(phone: Phone, server: Server, *, seq: int = 3) -> None:
    server.will(PULL, page(part(ME, seq, [message("a", 3)], reset="sweep")))
    await phone.sync()


async def test_a_new_phone_is_not_checked_before_a_day_has_passed(phone, server):
    await holding_a(phone, server)
    server.always(PULL, page() | {"server_time": "2026-03-03T11:59:00Z"})
    await phone.sync()
    assert server.paths() == [CLIENTS, PULL, PULL]


async def test_a_phone_with_a_matching_digest_continues(phone, server):
    await holding_a(phone, server)
    server.will(DIGEST, digest((ME, 3, 1, A3)))
    a_day_passes(server)
    await phone.sync()
    await phone.sync()
    assert server.paths() == [CLIENTS, PULL, PULL, DIGEST, PULL]
    assert server.bodies(DIGEST) == [{"client_id": "cl_1", "schema": 1}]
    assert phone.syncing.digest_check.differing == []
    assert phone.answers.cache.read_to(ME) == 3


async def test_a_scope_that_differs_is_reread_and_reported(phone, server):
    await holding_a(phone, server)
    server.will(DIGEST, digest((ME, 3, 2, A3)), digest())
    a_day_passes(server, page(), page(part(ME, 3, [message("b", 2)], reset="purge")))
    await phone.sync()
    positions = server.bodies(PULL)[-1]["cursor"]["scopes"]
    assert positions == {ME: [0, 0, ""]}
    assert server.bodies(DIGEST)[1] == {
        "client_id": "cl_1",
        "schema": 1,
        "only": [],
        "differed": [ME],
    }
    assert [d.id for d in phone.documents()] == ["b"]
    assert phone.syncing.digest_check.differing == [ME]


async def test_the_same_count_of_other_documents_differs(phone, server):
    await holding_a(phone, server)
    server.will(DIGEST, digest((ME, 3, 1, "0" * 16)))
    a_day_passes(server)
    await phone.sync()
    assert phone.syncing.digest_check.differing == [ME]


async def test_a_scope_is_compared_only_at_its_head(phone, server):
    await holding_a(phone, server)
    await take_half_of(phone, server)
    server.will(DIGEST, digest((ME, 4, 7, A3), (GROUP, 1, 7, A3), ("group:unknown", 3, 1, A3)))
    a_day_passes(server)
    await phone.sync()
    assert phone.syncing.digest_check.differing == []
    assert phone.answers.cache.read_to(ME) == 3


async def take_half_of(phone: Phone, server: Server) -> None:
    """Leave the scope incomplete, as after a pull that stopped in the middle."""
    server.will(PULL, page(part(GROUP, 1, [message("x", 1)], head=9, reset="sweep")))
    await phone.sync()


async def test_a_digest_of_another_epoch_is_ignored(phone, server):
    await holding_a(phone, server)
    server.will(DIGEST, digest((ME, 3, 9, A3), epoch="e2"))
    a_day_passes(server)
    await phone.sync()
    assert phone.syncing.digest_check.differing == []


async def test_a_new_version_of_the_app_is_checked_at_once(server: Server, tmp_path):
    clock, path = QuickClock(), tmp_path / "phone.db"
    async with Phone(server.url, path, clock=clock) as before:
        before.session.begin("ana", {"access_token": "hra_1", "refresh_token": "hrr_1"})
        await holding_a(before, server)
    async with Phone(server.url, path, clock=clock, app=App(version="1.1.0")) as after:
        await after.sync()
        await after.sync()
    assert server.paths() == [CLIENTS, PULL, PULL, DIGEST, PULL]


async def test_a_failed_check_disturbs_nothing_and_is_due_again(phone, server):
    await holding_a(phone, server)
    server.will(DIGEST, Says(404, {"code": "not_found"}), digest((ME, 3, 1, A3)))
    a_day_passes(server)
    await phone.sync()
    assert phone.answers.cache.read_to(ME) == 3
    await phone.sync()
    await phone.sync()
    assert server.paths().count(DIGEST) == 2


async def test_a_failed_report_does_not_stop_the_reread(phone, server):
    await holding_a(phone, server)
    server.will(DIGEST, digest((ME, 3, 2, A3)), Says(500))
    a_day_passes(server, page(), page(part(ME, 3, [message("b", 2)], reset="purge")))
    await phone.sync()
    assert [d.id for d in phone.documents()] == ["b"]
