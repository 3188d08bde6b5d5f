"""TypeScript phones that break a rule of pulls, pushes, waiting or frames, and the vector, play or
hard moment that fails each."""

from __future__ import annotations

from tests.clients.js.wrong_client import (
    ANSWERS,
    BACKOFF,
    COPY,
    FRAMES,
    HISTORY,
    LIVE,
    OUTBOX,
    OVERLAY,
    PHONE,
    REMEDIES,
    STORE,
    SYNC,
    Wrong,
)

JUDGED_AGAIN = "this.copy.readTo(frame.s) !== frame.from || "  # where a frame is applied
PAGES = {
    "late pages applied": Wrong(
        "vector",
        "late_answer",
        ANSWERS,
        "if (!isSame(this.copy.cursor(), asked.cursor)) return false",
        "",
    ),
    "drops ignored": Wrong(
        "vector", "dropped_scope", ANSWERS, "this.copy.drop(scope)", "void scope"
    ),
    "purges not at once": Wrong(
        "vector", "purge_at_once", COPY, "if (how === 'purge') {", "if (!how) {"
    ),
    "sweeps taken for purges": Wrong(
        "vector", "sweep_at_the_end", COPY, "if (how === 'purge') {", "if (how) {"
    ),
    "sweeps not finished": Wrong(
        "vector", "reset_sweep", COPY, "if (!complete || row.complete) return", "return"
    ),
    "deletions ignored": Wrong(
        "vector", "incremental_pull", COPY, "of del) {", "of del.slice(0, 0)) {"
    ),
    "newer numbers kept in a reset": Wrong(
        "vector", "numbers_go_back", COPY, "generation > held.generation || ", ""
    ),
    "positions kept in another epoch": Wrong(
        "vector",
        "epoch_over_pages",
        COPY,
        "of this.memory.scopes.keys()) this.markUnread(scope)",
        "of []) this.markUnread(scope)",
    ),
    "the outbox lost with a scope": Wrong(
        "vector",
        "left_with_words",
        COPY,
        "    this.memory.deleteScope(scope)",
        "    for (const m of this.memory.mutations.keys()) this.memory.deleteMutation(m)\n"
        "    this.memory.deleteScope(scope)",
    ),
    "one page read": Wrong(
        "vector", "first_sync", SYNC, "return page.has_more || !applied", "return !applied"
    ),
    "digests of another grant compared": Wrong(
        "play",
        "LET_IN_BEFORE_THE_DIGEST",
        COPY,
        " || row.pos[2] !== digest.grant",
        "",
    ),
    "digests not compared": Wrong(
        "vector",
        "digest_differs",
        SYNC,
        "if (!(await this.isCompareDue())) return false",
        "return false",
    ),
    "what differs not read again": Wrong(
        "vector",
        "digest_differs",
        ANSWERS,
        "for (const scope of differing) this.copy.markUnread(scope)",
        "",
    ),
    "history read from its start again": Wrong(
        "vector",
        "history",
        HISTORY,
        "{ scope, kind, before, schema,",
        "{ scope, kind, before: null, schema,",
    ),
    "the update screen kept": Wrong("vector", "updated", ANSWERS, "      tooOld: false,\n", ""),
    "pulls after 426": Wrong(
        "vector", "upgrade_required", SYNC, " && !this.store.memory.meta.tooOld", ""
    ),
    "a lease that never ends": Wrong(
        "vector", "lease_runs_out", PHONE, "this.now() >= Date.parse(lease)", "false"
    ),
    "a lease that stays run out": Wrong(
        "vector", "lease_runs_out", ANSWERS, "leaseRanOut: false,", ""
    ),
}

PUSHES = {
    "results ignored": Wrong(
        "vector",
        "applied_and_rejected",
        OUTBOX,
        "result.status === 'applied' ? 'sent' : 'refused'",
        "'sent' as const",
    ),
    "the refused lost": Wrong(
        "vector",
        "conflict",
        OUTBOX,
        "this.set(ours, { state, settledAt: at, result, unread })",
        "if (state === 'sent') this.set(ours, { state, settledAt: at, result, unread })\n"
        "      else this.forget(ours.uuid)",
    ),
    "results of a copy taken": Wrong(
        "vector", "cloned_phone", ANSWERS, "if (this.outbox.isForked(each, results))", "if (false)"
    ),
    "answers to an earlier client id taken": Wrong(
        "play",
        "ANSWERED_UNDER_AN_EARLIER_ID",
        ANSWERS,
        "if (asked.clientId !== this.outbox.clientId) return",
        "",
    ),
    "copies do not register": Wrong(
        "vector", "restored_phone", ANSWERS, "clientInstall !== install ||", ""
    ),
    "no registration in a new epoch": Wrong(
        "vector", "epoch_change", ANSWERS, " || (epoch !== null && epoch !== clientEpoch)", ""
    ),
    "not offered again in a new epoch": Wrong(
        "vector", "epoch_change", ANSWERS, "known !== undefined && known !== answer.epoch", "false"
    ),
    "nothing kept for a new epoch": Wrong(
        "vector", "epoch_change", OUTBOX, "< now - KEPT_AFTER_SENDING", "<= now"
    ),
    "the outbox lost with the client id": Wrong(
        "vector",
        "client_unknown",
        ANSWERS,
        "this.memory.setMeta({ clientInstall: null })\n  }",
        "for (const m of [...this.memory.mutations.keys()]) this.memory.deleteMutation(m)\n  }",
    ),
    "acks kept for another client id": Wrong(
        "vector", "client_unknown", OUTBOX, "clientId, acks: {} }", "clientId }"
    ),
    "nothing numbered again": Wrong(
        "vector", "client_unknown", OUTBOX, "id: ++ids[mutation.lane]", "id: mutation.id"
    ),
    "a gap registers": Wrong(
        "vector", "mutation_gap", REMEDIES, "|| !this.answers.reopen(doing, expected)", "|| true"
    ),
    "a gap left by what is set aside": Wrong(
        "vector", "too_large", OUTBOX, "this.set(later, { id: later.id - 1 })", "void later"
    ),
    "too large for ever": Wrong(
        "vector",
        "too_large",
        REMEDIES,
        "this.answers.setAside(first.uuid, 'too_large', this.session.wire.now())",
        "void first",
    ),
    "never halved": Wrong("vector", "too_large", REMEDIES, "Math.floor(last / 2)", "last"),
    "in progress taken for a refusal": Wrong(
        "vector",
        "in_progress",
        REMEDIES,
        "      case 'in_progress':\n        return this.pause(tries, error.retryAfter)\n",
        "",
    ),
    "main goes first": Wrong(
        "vector", "urgent_first", SYNC, "of LANES) {", "of [...LANES].reverse()) {"
    ),
    "pulls on the urgent lane": Wrong("vector", "urgent_lane", SYNC, "lane === 'main' && ", ""),
    "no base": Wrong("vector", "conflict", PHONE, "if (seq !== null) base[", "if (false) base["),
    "pulls to its end after a fork only": Wrong(
        "vector", "cloned_after_a_sync", REMEDIES, "      case 'client_forked':\n", ""
    ),
    "acknowledged before it is durable": Wrong(
        "moment",
        "nothing_is_acknowledged_that_could_still_be_lost",
        STORE,
        "while (this.unwritten || this.isAhead) await (this.back() ?? this.last)",
        "",
    ),
    "sent before it is durable": Wrong(
        "moment",
        "nothing_leaves_before_it_is_marked",
        SYNC,
        "await this.markBatch(lane)",
        "",
        ((SYNC, ".filter((mutation) => mutation.tried)", ""),),
    ),
    "taken back after it was tried": Wrong(
        "moment",
        "only_what_never_left_is_taken_back",
        OUTBOX,
        " || mutation.tried) return false",
        ") return false",
    ),
    "what was sent vanishes": Wrong(
        "moment",
        "what_was_sent_is_shown_until_its_document_comes",
        OUTBOX,
        "(state === 'sent' && result.at) || []",
        "[]",
    ),
    "what was sent shown for ever": Wrong(
        "moment",
        "what_was_sent_is_shown_until_its_document_comes",
        ANSWERS,
        "this.outbox.markRead((scope) => this.copy.readTo(scope))",
        "",
    ),
    "what was sent shown where it was read": Wrong(
        "moment",
        "what_was_sent_is_shown_until_its_document_comes",
        OVERLAY,
        "if (state === 'sent' && !unread!.some(([name]) => name === scope)) continue",
        "void state, void unread",
    ),
    "what was sent laid over what was read": Wrong(
        "moment",
        "what_was_read_is_not_laid_over_it_again",
        OUTBOX,
        "if (unread.length !== (mutation.unread?.length ?? 0)) this.set",
        "if (false) this.set",
        (
            (
                OVERLAY,
                "([name]) => name === scope)",
                "([name, seq]) => this.memory.scopes.get(name)!.pos[0] < seq)",
            ),
        ),
    ),
    "a backup trusted": Wrong(
        "play",
        "ROLLED_BACK_AND_TAKEN_BACK",
        SYNC,
        "await this.session.remark()",
        "this.session.mark",
    ),
    "a copy trusted": Wrong(
        "moment",
        "a_phone_with_the_data_of_another_takes_nothing_of_it_back",
        ANSWERS,
        "    this.outbox.markTried()\n    this.memory.setMeta({ mark })",
        "    this.memory.setMeta({ mark })",
    ),
    "trusted after a fork": Wrong(
        "moment",
        "a_fork_shows_that_another_phone_may_have_sent_it",
        ANSWERS,
        "        this.outbox.markTried()\n        this.memory",
        "        this.memory",
    ),
    "nothing taken back after a restart": Wrong(
        "moment",
        "what_waits_is_taken_back_after_a_restart",
        ANSWERS,
        "if (this.memory.meta.mark === mark) return",
        "",
    ),
}

WAITING = {
    "waits at least a second": Wrong(
        "vector", "backing_off", BACKOFF, "random() * Math.min", "1 + random() * Math.min"
    ),
    "waits no longer each time": Wrong("vector", "backing_off", BACKOFF, "2 ** attempt", "2"),
    "waits without a ceiling": Wrong(
        "vector", "backing_off", BACKOFF, "Math.min(LONGEST, ", "Math.max(0, "
    ),
    "never stops trying": Wrong("vector", "backing_off", REMEDIES, "tries > TRIES", "tries > 1000"),
    "Retry-After ignored": Wrong("vector", "slow_down", BACKOFF, "(atLeast ?? 0) +", ""),
}

SOCKET = {
    "gaps in frames ignored": Wrong(
        "vector",
        "frame_lost",
        FRAMES,
        "|| frame.from > cursor",
        "",
        ((FRAMES, "frame.from === cursor && ", ""), (ANSWERS, JUDGED_AGAIN, "")),
    ),
    "frames of another epoch applied": Wrong(
        "vector",
        "frame_of_another_epoch",
        FRAMES,
        "cursor === null || this.epoch !== this.copy.epoch) return 'pull'",
        "cursor === null) return 'pull'",
    ),
    "base moved by a frame": Wrong(
        "vector", "frame_applied", COPY, "[to, row.pos[1], row.pos[2]]", "[to, to, row.pos[2]]"
    ),
    "heads ignored": Wrong(
        "vector", "heartbeat", FRAMES, "if (isBehind()) this.host", "if (false) this.host"
    ),
    "held frames forgotten": Wrong(
        "moment",
        "a_frame_during_a_pull_is_applied_after_it",
        LIVE,
        "sync.afterPull = () => this.frames.lookAgain()",
        "",
    ),
    "`scopes` ignored": Wrong(
        "vector", "frame_of_an_unknown_scope", LIVE, "case 'scopes':", "case 'elsewhere':"
    ),
    "`resync` ignored": Wrong(
        "vector", "resync_and_strangers", LIVE, "case 'resync':", "case 'elsewhere':"
    ),
    "fails on an unknown frame": Wrong(
        "vector",
        "resync_and_strangers",
        LIVE,
        "switch (frame.t) {",
        "switch (frame.t) {\n      case 'tomorrow':\n        throw new TypeError()",
    ),
    "no new token on the socket": Wrong(
        "vector", "socket_with_a_token", LIVE, "if (!this.isOpen) return", "return"
    ),
    "hello without its ticket": Wrong(
        "vector", "socket_with_a_ticket", LIVE, "hello.ticket =", "hello.t2 ="
    ),
    "frames applied that are to be held": Wrong(
        "play",
        "FRAME_LOST",
        FRAMES,
        "return 'hold'",
        "return 'apply'",
        ((ANSWERS, JUDGED_AGAIN, ""),),
    ),
    "held for ever once the app was left": Wrong(
        "moment",
        "a_frame_is_held_no_longer_after_the_app_was_left",
        FRAMES,
        "    this.alarmIsSet = false\n    this.host",
        "    this.host",
    ),
    "a socket in the background": Wrong(
        "moment",
        "a_wake_in_the_background_opens_no_socket",
        PHONE,
        "if (this.triggers.isOpen && !this.live.isOpen",
        "if (!this.live.isOpen",
    ),
}

WRONG_EXCHANGES: dict[str, Wrong] = PAGES | PUSHES | WAITING | SOCKET
