"""Clients that break one rule of the protocol each, and the vector that each of them fails.

A wrong client is the reference phone with one line altered.
"""

from __future__ import annotations

from typing import NamedTuple

from clients.phone import backoff
from clients.phone import history as history_module
from clients.phone.answers import Answers
from clients.phone.cache import Cache
from clients.phone.file_transfer import FileTransfer
from clients.phone.frames import Frames
from clients.phone.live import Live
from clients.phone.outbox import Outbox
from clients.phone.phone import Phone
from clients.phone.remedies import Remedies
from clients.phone.screen import Screen
from clients.phone.session import Session
from clients.phone.sync import Sync
from tests.altered import Python
from tests.sync.rules_off import RULES


class Wrong(NamedTuple):
    vector: str
    alterations: list[Python]


def wrong(vector: str, *altered: object) -> Wrong:
    return Wrong(vector, [Python(*altered)])  # type: ignore[arg-type]


def without(rule: str, vector: str) -> Wrong:
    """The client without one of the phone's rules in tests/sync/rules_off.py."""
    return Wrong(vector, [each for each in RULES[rule] if isinstance(each, Python)])


# What happens between a pull and the digest after it depends on a client's schedule, so no vector
# tells: a play does.
ONLY_IN_PLAYS = {"grants of digests compared"}
OF_THE_PHONE = {
    "gap in frames": "frame_lost",
    "heads handled": "heartbeat",
    "late answers discarded": "late_answer",
    "drops applied": "dropped_scope",
    "purges applied": "purge_at_once",
    "sweeps finished": "reset_sweep",
    "tombstones applied": "incremental_pull",
    "positions void in another epoch": "epoch_over_pages",
    "outbox kept at a reset": "no_room",
    "outbox kept when refused": "client_unknown",
    "offered again in another epoch": "epoch_change",
    "copies register": "restored_phone",
    "results named by uuid": "cloned_phone",
}

WRONG: dict[str, Wrong] = {
    **{f"without: {rule}": without(rule, vector) for rule, vector in OF_THE_PHONE.items()},
    # Pulls
    "keeps newer numbers in a reset": wrong(
        "numbers_go_back", Cache, "apply", "excluded.generation > document.generation OR ", ""
    ),
    "takes a sweep for a purge": wrong(
        "sweep_at_the_end", Cache, "reset", """how == "purge\"""", "how"
    ),
    "fails on an unknown field": wrong(
        "newer_server", Answers, "_pull", "if self.cache",
        'assert "tomorrow" not in page\n    if self.cache',
    ),
    "fails on an unknown kind": wrong(
        "newer_server", Cache, "apply", "in puts:", 'in puts:\n        assert kind != "tomorrow"'
    ),
    "reads one page": wrong("first_sync", Sync, "_pull_page", """page["has_more"] or""", ""),
    "ignores a digest that differs": wrong(
        "digest_differs", Cache, "differs_from", "return self.digest(scope) !=", "return () =="
    ),
    "shows documents without a lease": wrong(
        "lease_runs_out", Screen, "_lease_ran_out", "return bool(", "return False and bool("
    ),
    "keeps the update screen": wrong("updated", Answers, "_pull", ", too_old=False", ""),
    "reads the first page of history again": wrong(
        "history", history_module, "older", """"before": before""", """"before": None"""
    ),
    # Pushes
    "goes on halving": wrong("too_large", Remedies, "_shrink", "self.answers.set_aside(", "print("),
    "leaves a gap behind what it sets aside": wrong(
        "too_large", Outbox, "set_aside", "SET id = id - 1", "SET id = id"
    ),
    "acknowledges for the earlier client id": wrong(
        "client_unknown", Outbox, "renumber", "DELETE FROM lane", "DELETE FROM lane WHERE 0"
    ),
    "pushes the main lane first": wrong(
        "urgent_first", Sync, "_push_and_pull", "in LANES", "in LANES[::-1]"
    ),
    "pulls on the urgent lane": wrong("urgent_lane", Sync, "_pull_part", "lane != MAIN or", ""),
    "pulls after 426": wrong(
        "upgrade_required", Sync, "_pull_part", """ or self.answers.store.get("too_old")""", ""
    ),
    "forgets what was refused": wrong(
        "applied_and_rejected", Outbox, "store_results", """else "refused\"""", """else "sent\""""
    ),
    "forgets what was written for a scope that is dropped": wrong(
        "left_with_words", Cache, "drop", '"DELETE FROM scope WHERE name = ?", scope)',
        '"DELETE FROM scope WHERE name = ?", scope)\n    self.store.run("DELETE FROM mutation")',
    ),
    "takes `in_progress` for a refusal": wrong(
        "in_progress", Remedies, "_cure", """Problem(code="in_progress") | """, ""
    ),
    "registers at a gap": wrong(
        "mutation_gap", Remedies, "_mend_gap", "not self.answers.reopen(", "not print("
    ),
    "keeps nothing for another epoch": wrong(
        "epoch_change", Outbox, "prune", "settled_at < ?", "settled_at < ? OR 1"
    ),
    "edits without `base`": wrong(
        "conflict", Phone, "do", "for d in base if", "for d in base if 0 and"
    ),
    "forgets the outbox of a copy": Wrong(
        "cloned_after_a_sync", without("outbox kept when refused", "").alterations
    ),
    # Waiting
    "waits at least a second": wrong("backing_off", backoff, "wait", "uniform(0,", "uniform(1,"),
    "waits no longer each time": wrong("backing_off", backoff, "wait", "2**attempt", "2"),
    "waits without a ceiling": wrong("backing_off", backoff, "wait", "min(LONGEST, ", "max(0, "),
    "never stops trying": wrong("backing_off", Remedies, "persist", "> TRIES", "> 1000"),
    "ignores Retry-After": wrong("slow_down", backoff, "wait", "(at_least or 0)", "0"),
    "does not wait": wrong("slow_down", Remedies, "_cure", "await self.clock.sleep(", "print("),
    # The socket
    "moves its base with a frame": wrong(
        "frame_applied", Cache, "advance", """*json.loads(row["pos"])[1:]""",
        """to, *json.loads(row["pos"])[2:]""",
    ),
    "applies frames of another epoch": wrong(
        "frame_of_another_epoch", Frames, "_judge", " or self.epoch != cache.epoch()", ""
    ),
    "ignores `scopes`": wrong(
        "frame_of_an_unknown_scope", Live, "receive", """"scopes" | "resync\"""", """"resync\""""
    ),
    "ignores `resync`": wrong(
        "resync_and_strangers", Live, "receive", """"scopes" | "resync\"""", """"scopes\""""
    ),
    "fails on an unknown frame": wrong(
        "resync_and_strangers", Live, "receive", """case "e":""",
        """case "tomorrow":
            raise ValueError
        case "e":""",
    ),
    "sends no new token on the socket": wrong(
        "socket_with_a_token", Live, "_send_new_token", "if self._socket:", "if False:"
    ),
    "says hello without its ticket": wrong(
        "socket_with_a_ticket", Live, "_dial", """hello["ticket"] =""", """headers["ticket"] ="""
    ),
    # Files
    "does not send a missing file again": wrong(
        "file_missing", Answers, "files_missing", "self.files.send_again(", "print("
    ),
    "gives a file up when there is no room": wrong(
        "no_room", FileTransfer, "_is_final", "in FINAL", "in (*FINAL, 507)"
    ),
    # The session
    "forgets everything when signed out": wrong(
        "signed_out", Session, "refresh", "raise SignedOut", "self.store.empty(); raise SignedOut"
    ),
    "refreshes only once": wrong(
        "lost_refresh", Session, "_request_tokens", "except Unreachable:\n            continue",
        "except Unreachable:\n            raise",
    ),
    "keeps its data when wiped": wrong(
        "wiped", Session, "wipe", "self.store.empty()", "pass"
    ),
    "sends no receipt of a wipe": wrong(
        "wiped", Session, "wipe", "await self.acknowledge_wipe()", "pass"
    ),
    "forgets the new home": wrong("home_moved", Session, "move", "self.keystore.put(", "print("),
}  # fmt: skip

# What a vector cannot tell from another legal schedule. The reference phone's own replay tells it;
# for others, a server with many phones does.
ONLY_THE_REFERENCE: dict[str, Wrong] = {
    "pulls before the delay of a poke": wrong(
        "poke", Frames, "_pull_for", """frame.get("delay_ms", 0)""", "0"
    ),
    "holds no frame": wrong(
        "frame_fills_a_gap", Frames, "_judge", """return "hold\"""", """return "pull\""""
    ),
    "acknowledges nothing": wrong("lost_answer", Outbox, "acks", "return", "return {} and"),
}
