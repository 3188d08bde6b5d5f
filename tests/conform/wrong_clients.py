"""Clients that break one rule each, and the story that must fail them.

Each is the reference phone with one rule altered. The text that is altered must exist, so that no
entry goes stale.
"""

from __future__ import annotations

from typing import NamedTuple

from clients.phone import Phone, backoff, close_codes, history, session
from clients.phone.answers import Answers
from clients.phone.cache import Cache
from clients.phone.digest_check import DigestCheck
from clients.phone.file_transfer import FileTransfer
from clients.phone.frames import Frames
from clients.phone.live import Live
from clients.phone.network import Network
from clients.phone.outbox import Mutation, Outbox
from clients.phone.remedies import Remedies
from clients.phone.screen import Screen
from clients.phone.session import Session
from clients.phone.signin import SignIn
from clients.phone.sync import Sync
from clients.phone.wire import Wire
from tests.altered import Python


class Wrong(NamedTuple):
    story: str
    alterations: tuple[Python, ...]


def _wrong(story: str, *alterations: tuple[object, str, str, str]) -> Wrong:
    return Wrong(story, tuple(Python(*each) for each in alterations))


KNOWN_FIELDS = "'epoch server_time lease_expires_at has_more lmid results drop scopes'.split()"

PAGES = {
    "keeps newer seqs in a reset": _wrong(
        "restored",
        (Cache, "apply", "excluded.generation > document.generation OR ", ""),
    ),
    "keeps positions over epochs": _wrong(
        "restored",
        (
            Cache,
            "enter_epoch",
            "pos = ?, seq = 0, complete = 0",
            "pos = pos, complete = 0 WHERE ? <> ''",
        ),
    ),
    "treats purge as sweep": _wrong("purged", (Cache, "reset", 'how == "purge"', "False")),
    "treats sweep as purge": _wrong("swept", (Cache, "reset", 'if how == "purge"', "if how")),
    "never finishes a sweep": _wrong(
        "swept", (Cache, "set_position", "    if complete:", "    if False:")
    ),
    "reads one page only": _wrong(
        "small_pages", (Sync, "_pull_page", 'page["has_more"] or not applied', "not applied")
    ),
    "ignores deletions": _wrong("small_pages", (Cache, "apply", "in dels:", "in ():")),
    "ignores drop": _wrong(
        "removed", (Answers, "_pull", 'self.cache.drop(dropped["scope"])', "pass")
    ),
    "loses the box with the scope": _wrong(
        "removed",
        (
            Answers,
            "_pull",
            'self.cache.drop(dropped["scope"])',
            'self.cache.drop(dropped["scope"]); self.store.run("DELETE FROM mutation")',
        ),
    ),
    "takes the id of a scope for its name": _wrong(
        "small_pages", (Answers, "_pull", 'scope["scope"], scope', 'scope["scope"][-36:], scope')
    ),
    "crashes on an unknown field": _wrong(
        "unknown_things",
        (
            Answers,
            "_pull",
            "if self.cache.cursor()",
            f"if set(page) - set({KNOWN_FIELDS}): raise ValueError\n    if self.cache.cursor()",
        ),
    ),
    "crashes on an unknown kind": _wrong(
        "unknown_things",
        (Cache, "apply", "in puts:", "in puts:\n        if kind[-4:] == '_new': raise ValueError"),
    ),
    "crashes on an unknown frame": _wrong(
        "unknown_things",
        (
            Live,
            "receive",
            'case "e":',
            'case t if t[-4:] == "_new":\n            raise ValueError\n        case "e":',
        ),
    ),
    "never compares digests": _wrong(
        "digest_differs", (DigestCheck, "run", "if self._is_due():", "if False:")
    ),
    "does not register in a new epoch": _wrong(
        "restored",
        (Answers, "needs_registration", "epoch not in (None, ", "False and epoch not in (None, "),
    ),
    "does not queue again what was sent": _wrong(
        "restored",
        (Answers, "take_registration", 'known not in (None, answer["epoch"])', "False"),
    ),
}

REQUESTS = {
    "retries in a hot loop": _wrong(
        "back_off",
        (backoff, "wait", "chance.uniform(0, ceiling)", "0.05"),
        (Remedies, "persist", "tries > TRIES", "False"),
    ),
    "gives up before the second has passed": _wrong(
        "back_off", (backoff, "wait", "chance.uniform(0, ceiling)", "0.05")
    ),
    "ignores Retry-After": _wrong("retry_after", (backoff, "wait", "(at_least or 0) +", "0 +")),
    "takes a portal's page for an answer": _wrong(
        "captive_portal", (session, "_json", "if not reply.is_json", "if False")
    ),
    "takes in_progress for a refusal": _wrong(
        "in_progress", (Remedies, "_cure", 'Problem(code="in_progress") | ', "")
    ),
    "takes an expired token for the end": _wrong(
        "token_expires", (Session, "exchange", "if problem.status != 401:", "if True:")
    ),
    "forgets its tokens when a refresh is lost": _wrong(
        "token_expires",
        (
            Session,
            "_request_tokens",
            "continue",
            "self.keystore.put(**dict.fromkeys(TOKENS)); raise",
        ),
    ),
    "enrols as another install on each try": _wrong(
        "enrolment_lost",
        (
            SignIn,
            "_install",
            'self.session.keystore.get("install")',
            "self.session.wire.now().isoformat()",
        ),
    ),
    "crashes when a connection drops": _wrong(
        "connection_cut", (Network, "_send", "raise Unreachable(url, error)", "raise ValueError")
    ),
    "sends another uuid on each try": _wrong(
        "answers_lost",
        (
            Mutation,
            "wire",
            'return {**body, "client_time"',
            'import uuid\n    return {**body, "uuid": str(uuid.uuid4()), "client_time"',
        ),
    ),
    "empties the outbox without an answer": _wrong(
        "requests_lost",
        (
            Remedies,
            "_cure",
            "at_least = ",
            "self.answers.store.run('DELETE FROM mutation'); at_least = ",
        ),
    ),
}

OUTBOX = {
    "ignores results": _wrong(
        "answers_lost",
        (Answers, "_store_results", "self.outbox.store_results(", "(lambda *_: None)("),
    ),
    "acknowledges too much": _wrong(
        "acknowledges", (Outbox, "acks", 'row["lmid"] for', 'row["lmid"] + 1 for')
    ),
    "acknowledges nothing": _wrong("acknowledges", (Outbox, "acks", "self.store.all(", "() and (")),
    "loses what was refused": _wrong(
        "refused",
        (Outbox, "store_results", 'if result["status"] == "applied" else "refused"', ""),
    ),
    "pushes refused acts again": _wrong(
        "refused", (Outbox, "pending", "state = 'pending'", "state IN ('pending', 'refused')")
    ),
    "never sends base": _wrong("conflict", (Mutation, "wire", ', "base")', ")")),
    "sends the base of another time": _wrong(
        "conflict", (Phone, "do", "d.seq for d in base", "d.seq - 1 for d in base")
    ),
    "halves one mutation for ever": _wrong(
        "too_large", (Remedies, "_shrink", "if self.last_batch[lane] > 1:", "if True:")
    ),
    "never halves": _wrong(
        "too_large", (Remedies, "_shrink", "self.last_batch[lane] // 2", "self.last_batch[lane]")
    ),
    "loses what is too large": _wrong(
        "too_large", (Outbox, "set_aside", '"refused", result', '"sent", result')
    ),
    "takes client_forked for the end": _wrong(
        "client_forked", (Remedies, "_cure", ' | "client_forked"', "")
    ),
    "takes client_unknown for the end": _wrong(
        "client_unknown", (Remedies, "_cure", '"client_unknown" | ', "")
    ),
    "does not renumber": _wrong(
        "client_forked", (Outbox, "renumber", "ids[mutation.lane], mut", "mutation.id, mut")
    ),
    "keeps ack under a new client id": _wrong(
        "client_unknown", (Outbox, "renumber", 'self.store.run("DELETE FROM lane")', "pass")
    ),
    "does not queue again behind a gap": _wrong(
        "restored_silently", (Remedies, "_mend_gap", "not self.answers.reopen(", "True or (")
    ),
    "gives up a lane that was stopped": _wrong(
        "poison", (Remedies, "_cure", "Problem(is_passing=True) | ", "")
    ),
    "pulls on the urgent lane": _wrong("urgent", (Sync, "_pull_part", "lane != MAIN or ", "")),
    "queues everything in one lane": _wrong(
        "urgent", (Phone, "do", "lane = URGENT if urgent else MAIN", "lane = MAIN")
    ),
    "pushes the urgent lane last": _wrong(
        "urgent", (Sync, "_push_and_pull", "in LANES", "in reversed(LANES)")
    ),
    "pushes before the file is sent": _wrong(
        "files",
        (Sync, "_push_batch", "await self.file_transfer.send_next(lane)", "pass"),
        (Sync, "_batch", "or self.answers.files.has_unsent(mutation.uuid)", ""),
    ),
    "gives up a file when there is no room": _wrong(
        "files", (FileTransfer, "_is_final", "return problem.status in FINAL", "return True")
    ),
    "does not send a lost file again": _wrong(
        "files", (Answers, "files_missing", "for mutation in blocked", "for mutation in ()")
    ),
    "reads one page of history": _wrong(
        "history", (history, "older", 'answer["next"]', "None")
    ),
}  # fmt: skip

SCREEN = {
    "shows documents after the lease": _wrong(
        "lease", (Screen, "_lease_ran_out", "self.wire.now() >= parse_time(lease)", "False")
    ),
    "stays locked after a pull": _wrong(
        "lease", (Answers, "_pull", "lease_ran_out=False, ", "")
    ),
    "goes by its own clock": _wrong(
        "wrong_clock", (Wire, "now", "self.offset_ms() or 0", "0")
    ),
    "keeps the data after 410": _wrong(
        "wiped",
        (Session, "wipe", "self.keystore.erase(", "self.keystore.put("),
        (Session, "wipe", "self.store.empty()", "pass"),
        (Session, "acknowledge_wipe", "self.keystore.erase(", "self.keystore.put("),
    ),
    "goes on sending after 410": _wrong(
        "wiped", (Session, "_post", 'problem.status == 410 and problem.code == "wipe"', "False")
    ),
    "keeps the receipt of a wipe": _wrong(
        "wiped", (Session, "acknowledge_wipe", "if receipt:", "if False:")
    ),
    "forgets its token on 4403": _wrong(
        "wiped_on_the_socket", (Session, "revoked", "last_token=token", "last_token=None")
    ),
    "mixes two people's data": _wrong(
        "another_person", (Session, "begin", "self.store.empty()", "pass")
    ),
    "asks for pages after 426": _wrong(
        "too_old", (Sync, "_pull_part", 'self.answers.store.get("too_old")', "False")
    ),
    "does not push after 426": _wrong(
        "too_old",
        (Sync, "_push_batch", "not batch", 'not batch or self.answers.store.get("too_old")'),
    ),
    "shows no update screen": _wrong(
        "too_old", (Answers, "mark_too_old", "too_old=True", "too_old=False")
    ),
}  # fmt: skip

LIVE = {
    "ignores gaps between frames": _wrong(
        "frame_lost",
        (Frames, "_judge", 'frame["from"] > cursor', "False"),
        (Frames, "_judge", 'frame["from"] == cursor and', ""),
    ),
    "drops held frames": _wrong("frame_lost", (Frames, "_act", "self.held.append(frame)", "pass")),
    "applies old frames over newer entries": _wrong(
        "old_frame_again",
        (Frames, "_judge", 'return "ignore"', 'return "apply"'),
        (Cache, "apply", "OR excluded.seq > document.seq", "OR true"),
    ),
    "forgets what is pending under a frame": _wrong(
        "pending_under_frames",
        (Answers, "take_frame", "self.overlay.reapply()", "self.store.run('DELETE FROM overlay')"),
    ),
    "ignores heartbeats": _wrong("heartbeat", (Frames, "heads", "if any(", "if False and any(")),
    "ignores news without documents": _wrong(
        "news_without_documents",
        (Frames, "_judge", 'if "put" not in frame and "del" not in frame:\n        return "pull"',
         'if "put" not in frame and "del" not in frame:\n        return "ignore"'),
    ),
    "ignores frames": _wrong("frames", (Live, "receive", "self.frames.changed(frame)", "pass")),
    "ignores scopes": _wrong("scopes_change", (Live, "receive", '"scopes" | "resync"', '"resync"')),
    "ignores resync": _wrong(
        "news_without_documents", (Live, "receive", '"scopes" | "resync"', '"scopes"')
    ),
    "does not refresh on 4401": _wrong(
        "closes", (Live, "_do", 'if what == "refresh":', 'if what == "never":')
    ),
    "never connects again": _wrong(
        "closes", (Live, "run", "if reaction.stay_away:", "if True:")
    ),
}  # fmt: skip

AT_ONCE = close_codes, "reaction", "REACTIONS.get(code or 1006, Reaction())", "Reaction()"
for code in (4400, 4406, 4409, 4426, 4429):
    LIVE[f"connects again at once after {code}"] = _wrong(f"closed_{code}", AT_ONCE)

WRONG: dict[str, Wrong] = PAGES | REQUESTS | OUTBOX | SCREEN | LIVE
