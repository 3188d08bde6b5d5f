"""TypeScript phones that break a rule of files, sessions, the disk or of running by themselves, and
the vector, play, hard moment or story of `make conform` that fails each."""

from __future__ import annotations

from tests.clients.js.wrong_client import (
    BACKOFF,
    FILES,
    LIVE,
    OUTBOX,
    OVERLAY,
    PHONE,
    SESSION,
    SIGN_IN,
    STORE,
    SYNC,
    TRIGGERS,
    WIRE,
    Wrong,
)

FILES_AND_SESSION = {
    "a missing file not sent again": Wrong(
        "vector",
        "file_missing",
        OUTBOX,
        "this.memory.putOutgoing({ ...file, sent: false })",
        "void file",
    ),
    "a file given up without room": Wrong(
        "vector", "no_room", FILES, "[400, 404, 422]", "[400, 404, 422, 507]"
    ),
    "everything lost when signed out": Wrong(
        "vector",
        "signed_out",
        SESSION,
        "      throw new SignedOut(error.code)\n    }\n    await this.put",
        "      await this.eraseData()\n"
        "      throw new SignedOut(error.code)\n"
        "    }\n"
        "    await this.put",
    ),
    "one refresh only": Wrong(
        "vector", "lost_refresh", SESSION, "const REFRESH_TRIES = 3", "const REFRESH_TRIES = 1"
    ),
    "data kept when wiped": Wrong(
        "vector",
        "wiped",
        SESSION,
        "wiped: true, receipt, last_token })\n    await this.eraseData()",
        "wiped: true, receipt, last_token })",
    ),
    "no receipt of a wipe": Wrong(
        "vector",
        "wiped",
        SESSION,
        "    await this.eraseData()\n    await this.acknowledgeWipe()",
        "    await this.eraseData()",
    ),
    "the new home forgotten": Wrong(
        "vector", "home_moved", SESSION, "await this.put({ home:", "void ({ home:"
    ),
    "tokens before the person whose they are": Wrong(
        "moment",
        "a_person_sees_their_own_data_only",
        SESSION,
        "      await this.store.transaction(() => this.store.memory"
        ".setMeta({ user, mark: this.mark }))\n"
        "      await this.put({})",
        "      await this.put({})\n"
        "      await this.store.transaction(() => this.store.memory"
        ".setMeta({ user, mark: this.mark }))",
    ),
    "a moment without tokens": Wrong(
        "moment",
        "signing_in_does_not_look_like_being_signed_out",
        SESSION,
        "    this.keys = { ...before, ...tokensOf(tokens) }\n",
        "    const keys = { ...before, ...tokensOf(tokens) }\n",
        ((SESSION, "      await this.put({})\n", "      await this.put(keys)\n"),),
    ),
    "a listener that stops the phone": Wrong(
        "moment",
        "a_listener_that_fails_stops_nothing",
        PHONE,
        "queueMicrotask(() => {",
        "void (() => {",
        ((PHONE, "          throw error\n        })\n", "        })()\n        throw error\n"),),
    ),
    "tokens of the last person kept": Wrong(
        "moment",
        "a_person_sees_their_own_data_only",
        SESSION,
        "      await this.put(NO_TOKENS)\n      await this.eraseData()",
        "      await this.eraseData()",
    ),
    "a wipe half done": Wrong(
        "moment",
        "a_wipe_is_finished_and_receipted_after_a_crash",
        SESSION,
        "if (this.isWiped) await this.eraseData()",
        "if (this.isWiped) void 0",
    ),
    "JSON of a portal taken for an answer": Wrong(
        "moment",
        "json_of_something_in_between_is_no_answer",
        WIRE,
        "if (lacks) throw",
        "if (false) throw",
    ),
    "late pages in a wiped phone": Wrong(
        "moment",
        "what_is_erased_stays_erased_when_an_answer_comes_late",
        SESSION,
        "if (this.isWiped) throw new Wiped()\n"
        "    if (this.store.memory.meta.user !== user) throw new SignedOut()",
        "",
    ),
    "late pages on another person's phone": Wrong(
        "moment",
        "pages_of_one_person_do_not_reach_the_next",
        SESSION,
        "if (this.store.memory.meta.user !== user) throw new SignedOut()",
        "",
    ),
    "late tokens on another person's phone": Wrong(
        "moment",
        "tokens_of_one_person_do_not_reach_the_next",
        SESSION,
        "if (this.keys.refresh_token !== refresh_token) throw",
        "if (false) throw",
    ),
    "a portal signs a person in": Wrong(
        "moment",
        "a_portal_signs_nobody_in",
        SIGN_IN,
        "whole(await this.session.ask('/api/v1/enrolment', body), "
        "'user', 'access_token', 'refresh_token')",
        "await this.session.ask('/api/v1/enrolment', body)",
    ),
    "a portal's letter waited for": Wrong(
        "moment",
        "a_portal_signs_nobody_in",
        SIGN_IN,
        "throw new Unreachable(REQUEST)",
        "return",
    ),
    "the next person signed out": Wrong(
        "moment",
        "a_late_answer_does_not_sign_out_the_next_person",
        TRIGGERS,
        " && !this.sync.session.isSignedIn",
        "",
    ),
    "left after signing out": Wrong(
        "moment",
        "after_signing_out_the_open_app_is_ready_for_the_next_person",
        PHONE,
        "if (isOpen) this.foreground()",
        "",
    ),
}

DISK = {
    "what found no room stays": Wrong(
        "moment",
        "what_finds_no_room_is_neither_kept_nor_shown",
        STORE,
        "      this.reload().catch(() => {}) // the next transaction tries it again\n",
        "",
    ),
    "built on what was lost": Wrong(
        "moment",
        "what_was_built_on_a_lost_change_is_lost_with_it",
        STORE,
        "if (line !== this.line) throw",
        "if (false) throw",
    ),
    "changes while it is loaded again": Wrong(
        "moment",
        "an_act_during_the_way_back_is_not_built_on_half_a_memory",
        STORE,
        "if (back) return",
        "if (false) return",
    ),
    "built on what could not be loaded again": Wrong(
        "moment",
        "nothing_is_built_on_a_memory_that_could_not_be_loaded_again",
        STORE,
        "const back = this.back()",
        "const back = this.reloading",
    ),
    "words of a wiped phone shown": Wrong(
        "vector", "wiped", OVERLAY, "!this.laid || this.life !== this.memory.life", "!this.laid"
    ),
    "frames applied without another look": Wrong(
        "moment",
        "a_frame_is_judged_again_after_the_way_back",
        "core/answers.ts",
        "this.copy.readTo(frame.s) !== frame.from || ",
        "",
    ),
    "no rest after a broken disk": Wrong(
        "moment",
        "a_broken_disk_does_not_end_syncing",
        TRIGGERS,
        "if (failure) this.rest(failure)",
        "",
    ),
    "a second rollback": Wrong(
        "moment",
        "a_full_disk_keeps_what_it_has",
        "storage/sqlite.ts",
        "await rollBack()",
        "await driver.run('ROLLBACK')",
    ),
    "deletions not written": Wrong(
        "play",
        "AWAY_WHILE_DELETED",
        "core/memory.ts",
        "this.note('document', documentName(entry), null)",
        "",
    ),
    "positions not written": Wrong(
        "play", "AWAY_WHILE_DELETED", "core/memory.ts", "this.note('scope', name, row)", ""
    ),
}

# What only a phone that runs by itself can get wrong.
STORIES = {
    "never connects again": Wrong(
        "story",
        "closes",
        LIVE,
        "if (attempt === this.attempt) this.retry(",
        "if (false) this.retry(",
    ),
    "no refresh on 4401": Wrong(
        "story", "closes", LIVE, "if (what === 'refresh') await", "if (false) await"
    ),
    "connects at once after 4400": Wrong(
        "story",
        "closed_4400",
        "core/close_codes.ts",
        "4400: { do: 'pull', low: 30, high: 60 }",
        "4400: { do: 'pull' }",
    ),
    "connects by itself after 4409": Wrong(
        "story", "closed_4409", "core/close_codes.ts", "4409: { stayAway: true }", "4409: {}"
    ),
    "tries in a hot loop": Wrong(
        "story", "back_off", BACKOFF, "random() * Math.min(LONGEST, FIRST * 2 ** attempt)", "0.05"
    ),
    "a portal's page taken for an answer": Wrong(
        "story",
        "captive_portal",
        WIRE,
        "if (!answer.isJson) throw",
        "if (false) throw",
        ((WIRE, "if (lacks) throw", "if (false) throw"),),
    ),
    "its own clock trusted": Wrong(
        "story", "wrong_clock", WIRE, "this.clock.now() + (this.offsetMs ?? 0)", "this.clock.now()"
    ),
    "sends after a wipe": Wrong(
        "story", "wiped", SESSION, "error.code === 'wipe'", "error.code === 'never'"
    ),
    "mixes two people": Wrong(
        "story",
        "another_person",
        SESSION,
        "if (known !== undefined && known !== user) {",
        "if (false) {",
    ),
    "nothing acknowledged": Wrong("story", "acknowledges", SYNC, "ack: acks }", "ack: {} }"),
    "another install on each try": Wrong(
        "story",
        "enrolment_lost",
        SIGN_IN,
        "return { install: this.session.install, device }",
        "return { install: String(Math.random()), device }",
    ),
    "no urgent lane": Wrong("story", "urgent", PHONE, "act.urgent ? 'urgent' : 'main'", "'main'"),
}

WRONG_KEEPING: dict[str, Wrong] = FILES_AND_SESSION | DISK
