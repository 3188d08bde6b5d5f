"""Pages: small ones, resets, scopes that come and go, and another epoch."""

from __future__ import annotations

from tools.conform import rules
from tools.conform.stage import Stage, State
from tools.conform.stories import story
from tools.conform.trouble import has_mutations


@story
async def small_pages(t: Stage) -> None:
    """Everything arrives in pages of three, with deletions among them."""
    t.small_pages()
    await t.begin()
    messages = await t.ben_says("One", "Two", "Three", "Four", "Five", "Six")
    t.sync()
    await t.settled(rules.PULL)
    t.retract(*messages[:4])
    await t.ben_says("Seven")
    t.sync()
    await t.settled(rules.PULL)


@story
async def swept(t: Stage) -> None:
    """The phone was away so long that the server has forgotten deletions. The group is read again
    over several pages; old entries stay on the screen until it is complete, then the rest goes."""
    await t.begin()
    messages = await t.ben_says("One", "Two", "Three", "Four", "Five")
    t.sync()
    await t.settled(rules.PULL)
    t.retract(*messages[:2])
    t.collect_tombstones()
    t.small_pages()
    gate = t.hold("pull push", skip=1)
    t.sync()
    await t.until(lambda state: _missing(state, messages), rules.SWEEP, gate=gate)
    gate.open()
    await t.settled(rules.SWEEP)


@story
async def purged(t: Stage) -> None:
    """The member may see less than before: the group's old entries go at once, although its pages
    have only begun to arrive."""
    await t.begin()
    messages = await t.ben_says("One", "Two", "Three", "Four", "Five")
    t.sync()
    await t.settled(rules.PULL)
    t.view_narrows()
    later = await t.ben_says("Six", "Seven", "Eight", "Nine")
    t.small_pages()
    gate = t.hold("pull push", skip=1)
    t.sync()

    def shows_old(state: State) -> str:
        old = [entry for entry in state["entries"] if entry[2] in messages]
        return f"message {old[0][2]} is still there" if old else ""

    await t.until(shows_old, rules.PURGE, gate=gate)
    gate.open()
    await t.settled(rules.PURGE)
    t.retract(later[0])
    t.sync()
    await t.settled(rules.PULL)


@story
async def restored(t: Stage) -> None:
    """The server was restored from a backup: another epoch, seqs that have gone back, and mutations
    that are gone. The phone reads all scopes again over several pages and sends what is missing."""
    await t.begin()
    [changed] = await t.ben_says("Changed after the backup")
    t.says("Before the backup")
    t.sync()
    await t.settled(rules.OUTBOX)
    scopes = [t.person["group"], t.person["ana"]]
    backup = t.database.back_up(scopes)
    await t.ben_says("Lost, too")
    for text in ("Lost one", "Lost two", "Lost three"):
        t.says(text)
    await t.does("ben", "groups.withdraw_message", message=changed)
    t.sync()
    await t.settled(rules.OUTBOX)
    t.database.restore(scopes, backup)
    await t.call("new_epoch")
    # Enough that the head is beyond the phone's old position.
    await t.ben_says(*(f"After the restore {number}" for number in range(9)))
    t.small_pages()
    t.sync()
    await t.settled(rules.EPOCH)
    t.says("Written since")
    t.sync()
    await t.settled(rules.RESET)


@story
async def restored_silently(t: Stage) -> None:
    """The operator forgot the new epoch. The server misses mutations (409 `mutation_gap`), and the
    phone queues them again."""
    await t.begin()
    scopes = [t.person["group"], t.person["ana"]]
    backup = t.database.back_up(scopes)
    t.says("Lost")
    t.sync()
    await t.settled(rules.OUTBOX)
    t.database.restore(scopes, backup)
    t.says("Written since")
    t.sync()

    # Without a new epoch nothing makes the phone read again what it holds: only the outbox counts.
    def differs(state: State) -> str:
        return "an act still waits in the outbox" if state["outbox"] else ""

    await t.until(differs, rules.OUTBOX)
    t.check_receipts(rules.OUTBOX)


@story
async def removed(t: Stage) -> None:
    """Ana is removed from the group while she has written there. The scope is dropped, and what she
    wrote goes to the "not sent" box."""
    await t.begin()
    await t.ben_says("One", "Two")
    t.sync()
    await t.settled(rules.PULL)
    written = t.says("Did I miss it?")
    await t.does("ana", "groups.leave", group=t.person["group"])
    t.refuses(written, "not_found")
    t.sync()
    await t.settled(rules.DROPPED_SCOPE)
    t.sync()
    await t.settled(rules.DROP)


@story
async def frame_overtakes_pull(t: Stage) -> None:
    """The answer to a pull is held back while frames arrive. The phone holds them, or discards the
    page and pulls again."""
    await t.begin()
    t.socket.heads_are_sent = False
    await t.open()
    gate = t.hold("pull push")
    t.sync()
    await t.until(lambda state: "", rules.STALE, gate=gate)
    await t.ben_says("One", "Two", "Three")
    await t.until(lambda state: "", rules.STALE)
    gate.open()
    await t.settled(rules.STALE)


@story
async def late_answer(t: Stage) -> None:
    """A push is answered late, after a frame has already brought what its page says. An older entry
    does not undo a newer one."""
    await t.begin()
    [message] = await t.ben_says("One")
    t.sync()
    await t.settled(rules.PULL)
    await t.open()
    gate = t.hold("push", when=has_mutations)
    t.says("Good morning")
    await t.until(lambda state: "", rules.ORDER, gate=gate)
    await t.does("ben", "groups.withdraw_message", message=message)
    await t.until(lambda state: "", rules.ORDER)
    gate.open()
    await t.settled(rules.ORDER)


@story
async def digest_differs(t: Stage) -> None:
    """The phone's copy has lost an entry without noticing. A day later, or after an update of the
    app, it compares digests and reads the scope again."""
    await t.begin()
    [message] = await t.ben_says("One")
    t.sync()
    await t.settled(rules.PULL)
    t.tell("forget", scope=t.group, kind="message", id=message)
    t.tell("update", app="2.0")
    t.sync()
    await t.settled(rules.DIGEST)


def _missing(state: State, messages: list[str]) -> str:
    held = {entry[2] for entry in state["entries"]}
    gone = [message for message in messages if message not in held]
    return (
        f"message {gone[0]} has gone from the screen before the scope is complete" if gone else ""
    )
