"""The socket: frames that are applied, held, ignored or call for a pull, and close codes."""

from clients.phone.close_codes import REACTIONS
from tests.vectors.recorder import Recorder
from tests.vectors.stories import story


async def connected(t: Recorder) -> None:
    await t.sync()
    await t.hello()
    await t.sync()


@story()
async def frame_applied(t: Recorder) -> None:
    """A frame that begins where the cursor stands is applied; one that comes twice is ignored;
    one's own comes back with its author's mark."""
    await connected(t)
    await t.elsewhere("ben_says", text="Good morning")
    first = await t.missed()
    for frame in first * 2:
        await t.frame(frame)
    t.says("Morning, Ben")
    await t.sync("push main")
    await t.frames()
    await t.sync()


@story()
async def frame_fills_a_gap(t: Recorder) -> None:
    """Frames out of order: the later one is held, and applied when the earlier one is there."""
    await connected(t)
    await t.elsewhere("ben_says", text="One")
    first = await t.missed()
    await t.elsewhere("ben_says", text="Two")
    await t.frames()
    for frame in first:
        await t.frame(frame)
    await t.time_passes(0.5)
    await t.sync()


@story()
async def frame_lost(t: Recorder) -> None:
    """A frame never comes: the next one is held for half a second, then the phone pulls."""
    await connected(t)
    await t.elsewhere("ben_says", text="One")
    await t.missed()
    await t.elsewhere("ben_says", text="Two")
    await t.frames()
    await t.time_passes(0.5)
    await t.sync()


@story()
async def frame_while_pulling(t: Recorder) -> None:
    """A frame that arrives while a pull is in flight is held and judged again afterwards."""
    await connected(t)
    await t.elsewhere("ben_says", text="One")
    await t.missed()

    async def two_arrives() -> None:
        await t.elsewhere("ben_says", text="Two")
        await t.frames()

    t.next("pull", meanwhile=two_arrives)
    await t.sync("pull")
    await t.sync()


@story()
async def frame_of_an_unknown_scope(t: Recorder) -> None:
    """A scope that the phone does not hold, and word that memberships changed: pull."""
    await t.elsewhere("ana_leaves_the_group")
    await connected(t)
    await t.missed()
    await t.elsewhere("ana_is_back_in_the_group")
    await t.frames()
    await t.sync()
    await t.elsewhere("ana_leaves_the_group")
    await t.frames()
    await t.sync()
    await t.elsewhere("ana_is_back_in_the_group")
    await t.missed()
    await t.elsewhere("ben_says", text="Welcome back")
    await t.frames()
    await t.sync()


@story()
async def poke(t: Recorder) -> None:
    """A change in the programme comes without documents and with a delay: pull after it."""
    await connected(t)
    await t.elsewhere("programme_changes", phone="+1 555 0100")
    await t.frames()
    await t.time_passes(23)
    await t.sync()


@story()
async def heartbeat(t: Recorder) -> None:
    """Every frame was lost: the next heartbeat tells that a head has moved. One that tells
    nothing new asks for nothing."""
    await connected(t)
    await t.elsewhere("ben_says", text="One")
    await t.missed()
    await t.heartbeat()
    await t.sync()
    await t.heartbeat()
    await t.sync()


@story()
async def frame_of_another_epoch(t: Recorder) -> None:
    """A socket that was opened before the server was restored sends a frame of a time that is
    over: it is not applied, and the phone pulls."""
    await t.elsewhere("group_is_backed_up")
    await connected(t)
    await t.elsewhere("ben_says", text="Lost by the backup")
    lost = await t.missed()
    await t.elsewhere("group_is_restored")
    await t.sync()
    for frame in lost:
        await t.frame(frame)
    await t.sync()


@story()
async def resync_and_strangers(t: Recorder) -> None:
    """`resync`: frames may be missing, pull. Frames and fields of tomorrow are left alone."""
    await connected(t)
    await t.elsewhere("ben_says", text="Good morning")
    await t.missed()
    await t.frame({"t": "tomorrow", "s": "group:x"})
    await t.frame({"t": "resync", "why": "overflow", "more": 1})
    await t.sync()


@story()
async def socket_with_a_token(t: Recorder) -> None:
    """An app opens its socket with its token. When it has a new one, it sends it on the socket,
    which then stays open."""
    await t.sync()
    await t.connects("token")
    await t.sync()
    await t.time_passes(15 * 60)
    await t.sync()
    await t.frame(await t.on_server(t.server.new_token))


@story()
async def socket_with_a_ticket(t: Recorder) -> None:
    """A browser cannot set the header of a socket: it puts a ticket into its hello."""
    await t.sync()
    await t.connects("ticket")
    await t.sync()


@story()
async def closes(t: Recorder) -> None:
    """What each close code asks for: something to do, then come back after a random time within
    these bounds, or only when the app is opened again."""
    await connected(t)
    for code in sorted(REACTIONS):
        t.closes(code)
