"""Refusals that concern the whole phone."""

from tests.vectors.recorder import Recorder
from tests.vectors.stories import problem, story


@story()
async def lost_refresh(t: Recorder) -> None:
    """The access token has expired; the answer with the next one is lost. The same refresh token
    is shown again at once with a new signature, and the refused request is repeated."""
    await t.sync()
    await t.time_passes(16 * 60)
    t.next("refresh", fate="answer_lost")
    await t.sync()


@story()
async def signed_out(t: Recorder) -> None:
    """Away for so long that the session ran out: 401 `not_signed_in`. Data and outbox stay, and
    go on under the same client id once she signs in again."""
    await t.elsewhere("ben_says", text="Good morning")
    await t.sync()
    t.says("Not yet sent")
    await t.time_passes(61 * 24 * 3600)
    await t.sync()
    await t.signs_in()
    await t.sync()


@story()
async def wiped(t: Recorder) -> None:
    """The phone was reported lost: 410 with a receipt. Keys first, then data, then the receipt
    goes back."""
    await t.elsewhere("ben_says", text="Good morning")
    await t.sync()
    t.says("Not yet sent")
    await t.elsewhere("ana_reports_the_phone_lost", session="session-1")
    await t.sync()


@story(schema=0)
async def upgrade_required(t: Recorder) -> None:
    """An app too old to read shows the update screen; its outbox still goes out, without a
    pull in the same breath."""
    await t.sync()
    t.says("Still heard")
    await t.sync()


@story(schema=0)
async def updated(t: Recorder) -> None:
    """The app was too old to read and is updated: it goes on with the same client id and reads
    everything in the new schema."""
    await t.elsewhere("ben_says", text="Good morning")
    await t.sync()
    t.says("Still heard")
    await t.sync()
    await t.app_is_updated("2.0.0", 1)
    await t.sync()


@story()
async def home_moved(t: Recorder) -> None:
    """421: remember the new home, register there, renumber the outbox."""
    await t.sync()
    t.says("On the way")
    t.next("push", answer=problem(421, "home_moved", url="http://new.example.org"))
    await t.sync()


@story()
async def backing_off(t: Recorder) -> None:
    """No answer comes, nine times: the pauses are random, up to a ceiling that begins at one
    second, doubles, and stays at a minute. Then the phone stops until something happens."""
    await t.sync()
    t.says("Good morning")
    for _ in range(9):
        t.next("push", fate="request_lost")
    await t.sync()
    await t.sync()


@story()
async def slow_down(t: Recorder) -> None:
    """429 and 503: wait at least as long as `Retry-After` says, then jitter on top."""
    await t.sync()
    t.says("Good morning")
    t.next("push", answer=problem(429, "slow_down", after="7"))
    t.next("push", answer=problem(503, "maintenance", after="2"))
    await t.sync()
