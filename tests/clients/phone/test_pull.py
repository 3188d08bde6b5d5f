"""How a phone applies one page of a pull (protocol, section 2.2)."""

from tests.clients.phone.pages import GROUP, ME, message, page, part, phone_memory, shown, take


def test_rows_and_tombstones_are_applied_and_the_cursor_moves():
    memory = phone_memory()
    take(memory, page(part(ME, 2, [message("a", 1), message("b", 2)], reset="sweep")))
    take(memory, page(part(ME, 4, [message("b", 3, "edited")], [["message", "a", 4]])))
    assert shown(memory) == {"b": 3}
    assert memory.overlay.read()[0]["text"] == "edited"
    assert memory.cache.cursor() == {"epoch": "e1", "scopes": {ME: [4, 0, "1.1"]}}


def test_the_cursor_is_empty_before_the_first_pull():
    assert phone_memory().cache.cursor() == {}


def test_an_answer_to_an_older_cursor_is_discarded():
    memory = phone_memory()
    take(memory, page(part(ME, 1, [message("a", 1)], reset="sweep")))
    late = memory.request()
    take(memory, page(part(ME, 3, [message("a", 3)])))
    taken = take(memory, page(part(ME, 2, [message("b", 2)]), drop=[GROUP]), request=late)
    assert not taken
    assert shown(memory) == {"a": 3}
    assert memory.cache.read_to(ME) == 3


def test_a_row_older_than_ours_is_ignored():
    memory = phone_memory()
    take(memory, page(part(ME, 5, [message("a", 5, "new")], reset="sweep")))
    take(memory, page(part(ME, 6, [message("a", 4, "old")], [["message", "a", 3]])))
    assert shown(memory) == {"a": 5}
    assert memory.overlay.read()[0]["text"] == "new"


def test_only_the_dropped_scope_is_removed():
    memory = phone_memory()
    both = part(ME, 1, [message("a", 1)], reset="sweep"), part(GROUP, 1, [message("a", 1)])
    take(memory, page(*both))
    take(memory, page(drop=[GROUP]))
    assert shown(memory, ME) == {"a": 1}
    assert shown(memory, GROUP) == {}
    assert memory.cache.cursor()["scopes"] == {ME: [1, 0, "1.1"]}


def test_purge_removes_old_rows_before_new_ones_show():
    memory = phone_memory()
    take(memory, page(part(GROUP, 2, [message("a", 1), message("b", 2)], reset="sweep")))
    first = part(GROUP, 1, [message("b", 2)], head=3, base=3, reset="purge")
    take(memory, page(first, has_more=True))
    assert shown(memory) == {"b": 2}


def test_sweep_keeps_old_rows_visible_until_the_scope_is_complete():
    memory = phone_memory()
    take(memory, page(part(GROUP, 2, [message("a", 1), message("b", 2)], reset="sweep")))
    first = part(GROUP, 2, [message("b", 2)], head=7, base=7, reset="sweep")
    take(memory, page(first, has_more=True))
    assert shown(memory) == {"a": 1, "b": 2}
    assert not memory.cache.is_complete(GROUP)
    take(memory, page(part(GROUP, 7, [message("c", 7)], base=7)))
    assert shown(memory) == {"b": 2, "c": 7}
    assert memory.cache.is_complete(GROUP)


def test_a_reset_may_restore_an_older_version():
    """A restored server has lower numbers. In a new generation the server's version wins."""
    memory = phone_memory()
    take(memory, page(part(ME, 9, [message("a", 9, "lost")], reset="sweep")))
    restored = part(ME, 4, [message("a", 4, "kept")], reset="sweep")
    take(memory, page(restored, epoch="e2"))
    assert shown(memory) == {"a": 4}
    assert memory.overlay.read()[0]["text"] == "kept"


def test_a_tombstone_of_a_new_generation_removes_a_row_with_a_higher_number():
    memory = phone_memory()
    take(memory, page(part(ME, 9, [message("a", 9)], reset="sweep")))
    deleted = part(ME, 5, deleted=[["message", "a", 5]], head=6, reset="sweep")
    take(memory, page(deleted, epoch="e2", has_more=True))
    assert shown(memory) == {}


def test_a_new_epoch_invalidates_positions_missing_from_the_page():
    """Otherwise the next pull would send an old number under the new epoch. A scope left out of
    the cursor could no longer be dropped."""
    memory = phone_memory()
    both = part(ME, 9, [message("a", 9)], reset="sweep"), part(GROUP, 3, [message("b", 3)])
    take(memory, page(*both))
    take(memory, page(part(ME, 2, reset="sweep"), epoch="e2", has_more=True))
    assert memory.cache.cursor() == {
        "epoch": "e2",
        "scopes": {ME: [2, 0, "1.1"], GROUP: [0, 0, ""]},
    }
    assert shown(memory, GROUP) == {"b": 3}
    assert not memory.cache.is_complete(GROUP)


def test_members_of_two_scopes_have_two_copies():
    memory = phone_memory()
    take(memory, page(part(ME, 1, [message("a", 1)]), part(GROUP, 8, [message("a", 8)])))
    take(memory, page(part(GROUP, 9, deleted=[["message", "a", 9]])))
    assert shown(memory, ME) == {"a": 1}
    assert shown(memory, GROUP) == {}
