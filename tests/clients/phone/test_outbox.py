"""What becomes of what its owner did on this phone."""

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
    found = memory.outbox.find(uuid)
    assert found is not None
    return found.state


def test_ids_count_up_by_one_in_each_lane(memory):
    queue(memory, "a", "b")
    queue(memory, "c", lane="urgent")
    assert ids(memory) == [(1, "a"), (2, "b")]
    assert ids(memory, "urgent") == [(1, "c")]


def test_ids_go_on_after_everything_was_sent(memory):
    queue(memory, "a", "b")
    take(memory, page(lmid={"main": 2}))
    memory.outbox.prune(AT + timedelta(days=8))
    queue(memory, "c")
    assert ids(memory) == [(3, "c")]


def test_a_pull_settles_up_to_lmid_and_no_further(memory):
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


def test_a_refused_mutation_keeps_its_words_until_dismissed(memory):
    queue(memory, "a", "b")
    refusal = {"id": 1, "lane": "main", "status": "rejected", "code": "conflict"}
    take(memory, page(lmid={"main": 2}, results=[refusal]))
    (refused,) = memory.outbox.not_sent()
    assert refused.args == {"text": "words of a"}
    assert refused.result == refusal
    assert state(memory, "b") == "sent"
    memory.dismiss("a")
    assert memory.outbox.not_sent() == []


def test_dismissing_touches_only_what_was_refused(memory):
    queue(memory, "a")
    memory.dismiss("a")
    assert ids(memory) == [(1, "a")]


def test_a_refusal_that_comes_after_lmid_still_counts(memory):
    queue(memory, "a")
    take(memory, page(lmid={"main": 1}))
    refusal = {"id": 1, "lane": "main", "status": "rejected", "code": "locked"}
    take(memory, page(lmid={"main": 1}, results=[refusal]))
    assert state(memory, "a") == "refused"


def test_a_refusal_of_one_lane_does_not_hit_the_other(memory):
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


def test_an_answer_to_the_earlier_client_settles_nothing(memory):
    queue(memory, "a", "b")
    asked = memory.request()
    memory.take_registration(registration("cl_2"))
    take(memory, page(part(ME, 1, [message("m", 1)]), lmid={"main": 2}), asked)
    assert ids(memory) == [(1, "a"), (2, "b")]
    assert shown(memory) == {"m": 1}


def test_a_new_epoch_offers_again_what_was_sent_lately_in_the_old_order(memory):
    queue(memory, "a", "b", "c")
    take(memory, page(lmid={"main": 2}))
    take(memory, page(epoch="e2"))
    assert memory.needs_registration()
    memory.take_registration(registration("cl_2", epoch="e2"))
    assert ids(memory) == [(1, "a"), (2, "b"), (3, "c")]
    assert not memory.needs_registration()


def test_what_was_sent_more_than_seven_days_ago_is_forgotten(memory):
    queue(memory, "a", "b")
    take(memory, page(lmid={"main": 1}))
    memory.take_pull(memory.request(), page(lmid={"main": 2}), AT + timedelta(days=7, seconds=1))
    memory.take_registration(registration("cl_2", epoch="e2"))
    assert ids(memory) == [(1, "b")]


def test_a_refused_mutation_is_not_offered_again(memory):
    queue(memory, "a")
    refusal = {"id": 1, "lane": "main", "status": "rejected", "code": "conflict"}
    take(memory, page(lmid={"main": 1}, results=[refusal]))
    memory.take_registration(registration("cl_2", epoch="e2"))
    assert ids(memory) == []
    assert state(memory, "a") == "refused"


def test_a_gap_is_filled_from_what_is_kept(memory):
    queue(memory, "a", "b", "c")
    take(memory, page(lmid={"main": 2}))
    assert memory.reopen("main", 2)
    assert ids(memory) == [(2, "b"), (3, "c")]
    assert memory.outbox.acks() == {"main": 1}


def test_a_gap_that_reaches_into_the_forgotten_is_left_alone(memory):
    queue(memory, "a", "b", "c")
    take(memory, page(lmid={"main": 2}))
    memory.outbox.prune(AT + timedelta(days=8))
    assert not memory.reopen("main", 2)
    assert ids(memory) == [(3, "c")]
    assert memory.outbox.acks() == {"main": 2}


def test_setting_one_aside_leaves_no_hole(memory):
    queue(memory, "a", "b", "c")
    memory.set_aside("a", "too_large", AT)
    assert ids(memory) == [(1, "b"), (2, "c")]
    (kept,) = memory.outbox.not_sent()
    assert kept.args == {"text": "words of a"}
    assert kept.result == {"status": "rejected", "code": "too_large"}


def test_a_phone_restored_from_a_backup_registers_anew(memory):
    assert not memory.needs_registration()
    memory.store.keystore.erase(data_key=memory.store.keystore.get("data_key"))
    memory.store.keystore.provision()
    assert memory.needs_registration()


def test_words_are_not_readable_in_the_database(memory):
    queue(memory, "a")
    rows = memory.store.all("SELECT args FROM mutation")
    assert b"words of a" not in rows[0]["args"]


def test_results_of_a_copys_mutations_settle_nothing_and_call_for_a_client_id_of_our_own(
    memory: Answers,
) -> None:
    """A copy of this phone has counted under the same client id; see docs/protocol.md."""
    queue(memory, "mine")
    foreign = {"id": 1, "uuid": "a copy's", "lane": "main", "status": "applied"}
    take(memory, page(lmid={"main": 1}, results=[foreign]))
    assert [m.uuid for m in memory.outbox.pending()] == ["mine"]
    assert memory.needs_registration()
    assert memory.outbox.acks() == {}
