"""The life of a mutation in the outbox."""

from datetime import timedelta

import pytest

from clients.phone.answers import Answers
from tests.clients.phone.pages import (
    AT,
    ME,
    message,
    mutation,
    page,
    part,
    phone_memory,
    registration,
    shown,
    take,
)


@pytest.fixture
def memory() -> Answers:
    return phone_memory()


def queue(memory: Answers, *uuids: str, lane: str = "main") -> None:
    for uuid in uuids:
        memory.queue(mutation(uuid, lane, text=f"words of {uuid}"))


def ids(memory: Answers, lane: str = "main") -> list[tuple[int | None, str]]:
    return [(m.id, m.uuid) for m in memory.outbox.pending(lane)]


def state(memory: Answers, uuid: str) -> str:
    match = memory.outbox.find(uuid)
    assert match is not None
    return match.state


def test_ids_count_up_by_one_in_each_lane(memory):
    queue(memory, "a", "b")
    queue(memory, "c", lane="urgent")
    assert ids(memory) == [(1, "a"), (2, "b")]
    assert ids(memory, "urgent") == [(1, "c")]


def test_ids_continue_after_everything_was_sent(memory):
    queue(memory, "a", "b")
    take(memory, page(lmid={"main": 2}))
    memory.outbox.prune(AT + timedelta(days=8))
    queue(memory, "c")
    assert ids(memory) == [(3, "c")]


def test_a_pull_confirms_up_to_lmid_and_no_further(memory):
    queue(memory, "a", "b", "c")
    take(memory, page(lmid={"main": 2}))
    assert [state(memory, uuid) for uuid in "abc"] == ["sent", "sent", "pending"]
    assert memory.outbox.acks() == {"main": 2}


def test_lmid_of_one_lane_says_nothing_about_the_other(memory):
    queue(memory, "a")
    queue(memory, "b", lane="urgent")
    take(memory, page(lmid={"urgent": 1}))
    assert state(memory, "a") == "pending"
    assert state(memory, "b") == "sent"


def test_a_refused_mutation_keeps_its_text_until_dismissed(memory):
    queue(memory, "a", "b")
    refusal = {"id": 1, "lane": "main", "status": "rejected", "code": "conflict"}
    take(memory, page(lmid={"main": 2}, results=[refusal]))
    (refused,) = memory.outbox.not_sent()
    assert refused.args == {"text": "words of a"}
    assert refused.result == refusal
    assert state(memory, "b") == "sent"
    memory.dismiss("a")
    assert memory.outbox.not_sent() == []


def test_only_refused_mutations_can_be_dismissed(memory):
    queue(memory, "a")
    memory.dismiss("a")
    assert ids(memory) == [(1, "a")]


def test_a_refusal_that_comes_after_lmid_still_counts(memory):
    queue(memory, "a")
    take(memory, page(lmid={"main": 1}))
    refusal = {"id": 1, "lane": "main", "status": "rejected", "code": "locked"}
    take(memory, page(lmid={"main": 1}, results=[refusal]))
    assert state(memory, "a") == "refused"


def test_a_refusal_in_one_lane_does_not_affect_the_other(memory):
    queue(memory, "a")
    queue(memory, "b", lane="urgent")
    refusal = {"id": 1, "lane": "urgent", "status": "rejected", "code": "locked"}
    take(memory, page(lmid={"main": 1, "urgent": 1}, results=[refusal]))
    assert state(memory, "a") == "sent"
    assert state(memory, "b") == "refused"


def test_another_client_id_renumbers_what_is_pending(memory):
    queue(memory, "a", "b", "c")
    take(memory, page(lmid={"main": 1}))
    memory.take_registration(registration("cl_2"))
    assert ids(memory) == [(1, "b"), (2, "c")]
    assert state(memory, "a") == "sent"
    assert memory.outbox.acks() == {}


def test_the_same_client_id_again_changes_no_number(memory):
    queue(memory, "a", "b")
    take(memory, page(lmid={"main": 1}))
    memory.take_registration(registration("cl_1"))
    assert ids(memory) == [(2, "b")]


def test_an_answer_to_the_previous_client_is_ignored(memory):
    queue(memory, "a", "b")
    request = memory.request()
    memory.take_registration(registration("cl_2"))
    take(memory, page(part(ME, 1, [message("m", 1)]), lmid={"main": 2}), request)
    assert ids(memory) == [(1, "a"), (2, "b")]
    assert shown(memory) == {"m": 1}


def test_a_new_epoch_resends_recent_mutations_in_order(memory):
    queue(memory, "a", "b", "c")
    take(memory, page(lmid={"main": 2}))
    take(memory, page(epoch="e2"))
    assert memory.needs_registration()
    memory.take_registration(registration("cl_2", epoch="e2"))
    assert ids(memory) == [(1, "a"), (2, "b"), (3, "c")]
    assert not memory.needs_registration()


def test_mutations_sent_over_seven_days_ago_are_forgotten(memory):
    queue(memory, "a", "b")
    take(memory, page(lmid={"main": 1}))
    memory.take_pull(memory.request(), page(lmid={"main": 2}), AT + timedelta(days=7, seconds=1))
    memory.take_registration(registration("cl_2", epoch="e2"))
    assert ids(memory) == [(1, "b")]


def test_a_refused_mutation_is_not_resent(memory):
    queue(memory, "a")
    refusal = {"id": 1, "lane": "main", "status": "rejected", "code": "conflict"}
    take(memory, page(lmid={"main": 1}, results=[refusal]))
    memory.take_registration(registration("cl_2", epoch="e2"))
    assert ids(memory) == []
    assert state(memory, "a") == "refused"


def test_a_gap_is_filled_from_kept_mutations(memory):
    queue(memory, "a", "b", "c")
    take(memory, page(lmid={"main": 2}))
    assert memory.reopen("main", 2)
    assert ids(memory) == [(2, "b"), (3, "c")]
    assert memory.outbox.acks() == {"main": 1}


def test_a_gap_of_forgotten_mutations_is_left_alone(memory):
    queue(memory, "a", "b", "c")
    take(memory, page(lmid={"main": 2}))
    memory.outbox.prune(AT + timedelta(days=8))
    assert not memory.reopen("main", 2)
    assert ids(memory) == [(3, "c")]
    assert memory.outbox.acks() == {"main": 2}


def test_setting_a_mutation_aside_leaves_no_gap(memory):
    queue(memory, "a", "b", "c")
    memory.set_aside("a", "too_large", AT)
    assert ids(memory) == [(1, "b"), (2, "c")]
    (kept,) = memory.outbox.not_sent()
    assert kept.args == {"text": "words of a"}
    assert kept.result == {"status": "rejected", "code": "too_large"}


def test_a_phone_restored_from_a_backup_registers_again(memory):
    assert not memory.needs_registration()
    memory.store.keystore.erase(data_key=memory.store.keystore.get("data_key"))
    memory.store.keystore.provision()
    assert memory.needs_registration()


def test_text_is_not_readable_in_the_database(memory):
    queue(memory, "a")
    rows = memory.store.all("SELECT args FROM mutation")
    assert b"words of a" not in rows[0]["args"]


def test_results_of_a_clones_mutations_are_ignored_and_require_a_new_client_id(
    memory: Answers,
) -> None:
    """A clone of this phone has used the same client id; see docs/protocol.md."""
    queue(memory, "mine")
    foreign = {"id": 1, "uuid": "a copy's", "lane": "main", "status": "applied"}
    take(memory, page(lmid={"main": 1}, results=[foreign]))
    assert [m.uuid for m in memory.outbox.pending()] == ["mine"]
    assert memory.needs_registration()
    assert memory.outbox.acks() == {}
