"""Pulling: the first sync, new entries, deletions, resets, drops, epochs."""

from tests.vectors.recorder import Recorder
from tests.vectors.server import GROUP, fixed
from tests.vectors.stories import story


@story(page=3)
async def first_sync(t: Recorder) -> None:
    """A new phone registers and reads page by page. A scope is shown as loading until it is
    complete; requests go on while `has_more`."""
    for text in ("Good morning", "How are you?", "See you on Tuesday"):
        await t.elsewhere("ben_says", text=text)
    await t.sync()


@story()
async def incremental_pull(t: Recorder) -> None:
    """Only what is newer than the cursor comes: a new entry, a changed one, a deletion."""
    for text in ("Good morning", "Oops", "Never mind"):
        await t.elsewhere("ben_says", text=text)
    await t.sync()
    await t.elsewhere("ben_says", text="One more thing")
    await t.elsewhere("ben_withdraws", number=2)
    await t.elsewhere("message_vanishes", number=3)
    await t.sync()
    await t.sync()


@story()
async def dropped_scope(t: Recorder) -> None:
    """A phone whose user left a group finds it in `drop` and deletes its entries and position."""
    await t.elsewhere("ben_says", text="Good morning")
    await t.sync()
    await t.elsewhere("ana_leaves_the_group")
    await t.sync()


@story()
async def reset_purge(t: Recorder) -> None:
    """Left and let in again while the phone was away: what may be seen has shrunk, so the old
    entries go first."""
    await t.elsewhere("ben_says", text="Before")
    await t.sync()
    await t.elsewhere("ana_leaves_the_group")
    await t.elsewhere("ana_is_back_in_the_group", from_now=True)
    await t.elsewhere("ben_says", text="After")
    await t.sync()


@story(page=2)
async def purge_at_once(t: Recorder) -> None:
    """What a purge names is gone with its first page, not with its last: the app dies between
    two pages, and shows nothing of before."""
    for text in ("One", "Two", "Three"):
        await t.elsewhere("ben_says", text=text)
    await t.sync()
    await t.elsewhere("ana_leaves_the_group")
    await t.elsewhere("ana_is_back_in_the_group")
    t.next("pull")
    t.next("pull", fate="crash")
    await t.sync()
    await t.sync()


@story(page=2)
async def sweep_at_the_end(t: Recorder) -> None:
    """In a sweep the old entries stay until the last page: the app dies between two pages, and
    shows everything that it had."""
    for text in ("One", "Two", "Three"):
        await t.elsewhere("ben_says", text=text)
    await t.sync()
    await t.elsewhere("message_vanishes", number=2)
    await t.elsewhere("tombstones_are_collected")
    t.next("pull")
    t.next("pull", fate="crash")
    await t.sync()
    await t.sync()


@story(page=3)
async def reset_sweep(t: Recorder) -> None:
    """Away for so long that deletions were forgotten: old entries stay on the screen until the
    scope is complete, and those that did not come again go then."""
    for text in ("One", "Two", "Three"):
        await t.elsewhere("ben_says", text=text)
    await t.sync()
    await t.elsewhere("message_vanishes", number=2)
    await t.elsewhere("tombstones_are_collected")
    await t.sync()


@story()
async def late_answer(t: Recorder) -> None:
    """An answer to a cursor that is no longer the stored one is thrown away whole."""
    await t.sync()
    await t.elsewhere("ben_says", text="Good morning")

    async def push_reads_first() -> None:
        t.says("Morning, Ben")
        await t.sync("push main")

    t.next("pull", meanwhile=push_reads_first)
    await t.sync()


@story()
async def crash_before_the_commit(t: Recorder) -> None:
    """The app dies while it stores a page, and again while it stores results: all of it happens
    the next time, and what was handed in is not done twice."""
    await t.sync()
    await t.elsewhere("ben_says", text="Good morning")
    t.next("pull", fate="crash")
    await t.sync()
    t.says("Morning")
    await t.crash()
    t.next("push", fate="crash")
    await t.sync()
    await t.sync()


@story()
async def epoch_change(t: Recorder) -> None:
    """The server was restored from a backup and says so by another epoch. Positions are void;
    the phone registers again and queues what it sent lately once more."""
    await t.sync()
    t.says("Kept by the backup")
    t.says("Later than the backup")
    await t.sync()
    await t.elsewhere("backup_is_restored", lost=[2])
    await t.sync()


@story()
async def numbers_go_back(t: Recorder) -> None:
    """After a restore the numbers of the group are lower than what the phone holds. Within a reset
    each entry replaces the phone's, whatever its number; what does not come again goes."""
    await t.elsewhere("ben_says", text="Good mornin")
    await t.elsewhere("group_is_backed_up")
    await t.elsewhere("ben_edits", number=1, text="Good morning")
    await t.elsewhere("ben_says", text="Lost by the backup")
    await t.sync()
    await t.elsewhere("group_is_restored")
    await t.sync()


@story(page=2)
async def epoch_over_pages(t: Recorder) -> None:
    """A new epoch voids the positions of all scopes, also of those that come in a later page. The
    restored group has come as far again with other messages, so an old position would look like
    one that is up to date."""
    await t.elsewhere("ben_says", text="Kept by the backup")
    await t.elsewhere("group_is_backed_up")
    for text in ("Lost", "Lost as well"):
        await t.elsewhere("ben_says", text=text)
    await t.sync()
    await t.elsewhere("group_is_restored")
    for text in ("Said again", "And once more"):
        await t.elsewhere("ben_says", text=text)
    await t.sync()


@story()
async def newer_server(t: Recorder) -> None:
    """A newer server sends a kind and fields that this app does not know. It goes on, and may
    leave such entries out."""
    await t.sync()
    await t.elsewhere("newer_server_publishes")
    await t.elsewhere("ben_says", text="Good morning")
    t.next("pull", adds={"tomorrow": {"more": 1}})
    await t.sync()


@story()
async def history(t: Recorder) -> None:
    """What was said half a year ago leaves the feed as deletions. It is read page by page, and
    not stored."""
    for text in ("One", "Two", "Three"):
        await t.elsewhere("ben_says", text=text)
    await t.sync()
    await t.elsewhere("messages_age")
    await t.sync()
    await t.scrolls_up(limit=2)
    await t.scrolls_up(limit=2)


@story()
async def lease_runs_out(t: Recorder) -> None:
    """After 30 days without a pull the data is locked until the next one; words can be written
    all the same and go out."""
    await t.elsewhere("ben_says", text="Good morning")
    await t.sync()
    await t.time_passes(31 * 24 * 3600)
    t.says("I am back")
    await t.sync()


@story()
async def digest_differs(t: Recorder) -> None:
    """Once a day the phone compares what it holds with the server. Something is missing: it
    forgets how far it has read that scope, and the reset brings everything again."""
    await t.elsewhere("ben_says", text="Good morning")
    await t.sync()
    await t.time_passes(10 * 60)
    t.forgets(f"group:{GROUP}", "message", str(fixed(5, 1)))
    await t.time_passes(24 * 3600)
    await t.sync()
    await t.sync()
