"""Pushing: results, lost requests and answers, gaps, copies."""

from tests.vectors.recorder import EDIT, GROUP, POST, Recorder
from tests.vectors.server import fixed
from tests.vectors.stories import problem, story


@story()
async def applied_and_rejected(t: Recorder) -> None:
    """One result for each mutation. What is refused stays, with its words, in the box of what
    was not sent until its owner dismisses it; the others go on."""
    await t.sync()
    t.says("Good morning")
    refused = t.do(POST, group=str(GROUP), id=str(fixed(4, 9)), text="")
    t.says("How are you?")
    await t.sync()
    t.dismisses(refused)
    await t.sync()


@story()
async def conflict(t: Recorder) -> None:
    """An edit names with `base` the version that its author saw. Another phone was faster: the
    answer brings the entry as it is now."""
    message = t.says("Good mornin")
    await t.sync()
    await t.elsewhere("ana_edits_elsewhere", message=message, text="Good morning")
    t.do(EDIT, message=message, text="Good morning!", base=True)
    await t.sync()


@story()
async def lost_answer(t: Recorder) -> None:
    """The server had taken it, the phone cannot know: the same mutations go again under the same
    ids, and `dup` tells that nothing happened twice."""
    await t.sync()
    t.says("Good morning")
    t.next("push", fate="answer_lost")
    await t.sync()


@story()
async def lost_request(t: Recorder) -> None:
    """The network swallowed the request: wait with jitter, then send it again."""
    await t.sync()
    t.says("Good morning")
    t.next("push", fate="request_lost")
    await t.sync()


@story()
async def stopped_then_set_aside(t: Recorder) -> None:
    """A mutation fails unexpectedly: the batch stops there, and what follows is sent again after
    the pause. At the fifth failure it is refused as `internal` and holds nobody up."""
    await t.sync()
    t.says("First")
    t.do("testing.poison")
    t.says("Third")
    await t.sync()


@story()
async def too_large(t: Recorder) -> None:
    """413: the batch is halved; a single mutation that is too large is set aside without the
    server, and those behind it move up."""
    await t.sync()
    t.says("Words")
    t.says("More words")
    t.says("And more")
    for _ in range(2):
        t.next("push", answer={"status": 413, "body": {"status": 413, "code": "too_large"}})
    await t.sync()


@story()
async def mutation_gap(t: Recorder) -> None:
    """The server misses what it had taken before: everything from `expected` on goes again."""
    await t.sync()
    t.says("First")
    t.says("Second")
    await t.sync()
    await t.elsewhere("backup_is_restored", lost=[1, 2], tell=False)
    t.says("Third")
    await t.sync()


@story()
async def client_unknown(t: Recorder) -> None:
    """The server has forgotten this client id: register, renumber the outbox, lose nothing."""
    await t.sync()
    t.says("Before")
    await t.sync()
    await t.elsewhere("phone_is_forgotten")
    t.says("After")
    await t.sync()


@story()
async def cloned_phone(t: Recorder) -> None:
    """Two phones with one client id, as a copied phone has it. The second to send another
    mutation under the same id is refused, registers and renumbers its outbox."""
    await t.sync()
    t.says("Written before the copy was made")
    await t.copy(with_keys=True)
    t.says("Written on the first phone")
    await t.sync()
    t.who = "b"
    t.says("Written on the copy")
    await t.sync()


@story()
async def cloned_after_a_sync(t: Recorder) -> None:
    """The first mutation that a copy sends has an id that the other phone used: 409
    `client_forked`."""
    await t.sync()
    t.says("Sent before the copy was made")
    await t.sync()
    await t.copy(with_keys=True)
    t.says("Written on the first phone")
    await t.sync()
    t.who = "b"
    t.says("Written on the copy")
    await t.sync()


@story()
async def left_with_words(t: Recorder) -> None:
    """A mutation for a scope that was dropped meanwhile is pushed all the same, and its words go
    to the box of what was not sent."""
    await t.sync()
    t.says("Written on the way home")
    await t.elsewhere("ana_leaves_the_group")
    await t.sync("pull")
    await t.sync()


@story()
async def in_progress(t: Recorder) -> None:
    """409 `in_progress` is no refusal: the same goes again after the pause."""
    await t.sync()
    t.says("Good morning")
    t.next("push", answer=problem(409, "in_progress", retry_after_ms=500))
    await t.sync()


@story()
async def restored_phone(t: Recorder) -> None:
    """A phone set up from a backup, which holds the data but not the keystore: another install,
    so it registers. What the first phone has handed in meanwhile is not done again."""
    await t.sync()
    t.says("In the backup and not yet sent")
    await t.copy(with_keys=False)
    t.who = "a"
    await t.sync()
    t.who = "b"
    await t.sync()


@story()
async def urgent_first(t: Recorder) -> None:
    """Both lanes have something to send: the urgent one goes first, whatever was written first."""
    await t.sync()
    t.says("No hurry")
    t.says("I need someone now", urgent=True)
    await t.sync()


@story()
async def urgent_lane(t: Recorder) -> None:
    """What is urgent has a lane and ids of its own and does not wait for a push under way."""
    await t.sync()
    t.says("No hurry")

    async def call_for_help() -> None:
        t.says("I need someone now", urgent=True)
        await t.sync("push urgent")

    t.next("push", meanwhile=call_for_help)
    await t.sync("push main")
    await t.sync()
