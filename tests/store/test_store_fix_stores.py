"""Whatever store a session has, it remembers alike; durable ones past the end of the process."""

from __future__ import annotations

import pytest

from meridian.fix import MemoryMessageStore
from meridian.store.database import Database
from meridian.store.fix_log import LogMessageStore
from meridian.store.fix_messages import SqlMessageStore
from meridian.store.tables import METADATA


class Shelf:
    """Opens one store again and again, as a process that was started again would."""

    def __init__(self, kind, folder):
        self.kind = kind
        self.path = folder / "session"
        self.opened = None

    def open(self, limit=1_000):
        self.close()
        if self.kind == "memory":
            return MemoryMessageStore(limit)
        if self.kind == "sql":
            self.opened = Database(self.path, METADATA)
            return SqlMessageStore(self.opened, "a", limit)
        self.opened = LogMessageStore(self.path, self.kind, limit)
        return self.opened

    def close(self):
        if self.opened is not None:
            self.opened.close()
        self.opened = None


@pytest.fixture(params=["memory", "sql", "flush", "fdatasync"])
def shelf(request, tmp_path):
    shelf = Shelf(request.param, tmp_path)
    yield shelf
    shelf.close()


@pytest.fixture(params=["sql", "flush", "fdatasync"])
def durable(request, tmp_path):
    shelf = Shelf(request.param, tmp_path)
    yield shelf
    shelf.close()


def test_a_new_session_starts_at_one(shelf):
    store = shelf.open()
    assert (store.next_out, store.next_in, store.created) == (1, 1, 0)
    assert store.messages(1, 99) == []


def test_messages_come_back_as_they_were(shelf):
    store = shelf.open()
    store.append(1, b"")
    store.append(2, b"two\x00\x01\xff")
    store.append(3, b"three")
    assert store.messages(1, 99) == [(2, b"two\x00\x01\xff"), (3, b"three")]
    store.flush()
    store.append(4, b"four")
    assert store.messages(3, 4) == [(3, b"three"), (4, b"four")]
    assert store.messages(5, 9) == []


def test_a_wrong_number_changes_nothing(shelf):
    store = shelf.open()
    with pytest.raises(ValueError, match="expected to append message 1, got 2"):
        store.append(2, b"x")
    store.set_next_out(5)
    with pytest.raises(ValueError, match="expected 5 or more, got 4"):
        store.set_next_out(4)
    assert store.next_out == 5


def test_numbers_passed_over_have_no_messages(shelf):
    store = shelf.open()
    store.append(1, b"one")
    store.set_next_out(4)
    store.append(4, b"four")
    assert store.messages(1, 9) == [(1, b"one"), (4, b"four")]
    store.set_next_out(1_000_000_000)
    store.append(1_000_000_000, b"far")
    assert store.messages(1_000_000_000, 1_000_000_001) == [(1_000_000_000, b"far")]


def test_the_first_messages_of_a_range_are_found_past_any_hole(shelf):
    store = shelf.open()
    store.append(1, b"one")
    store.set_next_out(10_000_000)
    for seq in range(10_000_000, 10_000_004):
        store.append(seq, b"%d" % seq)
    far = [(seq, b"%d" % seq) for seq in range(10_000_000, 10_000_004)]
    assert store.messages(2, 99_000_000, 3) == far[:3]
    assert store.messages(10_000_003, 99_000_000, 3) == far[3:]
    assert store.messages(2, 9_999_999, 3) == []


def test_only_the_last_messages_are_kept(shelf):
    store = shelf.open(limit=3)
    for seq in range(1, 101):
        store.append(seq, b"%d" % seq)
        store.flush()
    assert store.messages(1, 999) == [(98, b"98"), (99, b"99"), (100, b"100")]


def test_a_reset_forgets_all_but_its_time(shelf):
    store = shelf.open()
    store.append(1, b"x")
    store.flush()
    store.append(2, b"never flushed")
    store.set_next_in(5)
    store.reset(77)
    assert (store.next_out, store.next_in, store.created) == (1, 1, 77)
    assert store.messages(1, 9) == []
    store.append(1, b"new")
    assert store.messages(1, 9) == [(1, b"new")]


def test_all_is_there_after_a_restart(durable):
    store = durable.open()
    store.reset(77)
    store.append(1, b"one")
    store.append(2, b"")
    store.set_next_out(5)
    store.append(5, b"five")
    store.set_next_in(7)
    store.flush()
    again = durable.open()
    assert (again.next_out, again.next_in, again.created) == (6, 7, 77)
    assert again.messages(1, 9) == [(1, b"one"), (5, b"five")]
    again.append(6, b"six")
    again.flush()
    assert durable.open().messages(5, 9) == [(5, b"five"), (6, b"six")]


def test_a_reset_is_there_after_a_restart_without_a_flush(durable):
    store = durable.open()
    store.append(1, b"x")
    store.flush()
    store.reset(99)
    again = durable.open()
    assert (again.next_out, again.next_in, again.created) == (1, 1, 99)
    assert again.messages(1, 9) == []


def test_only_the_last_messages_are_there_after_a_restart(durable):
    store = durable.open(limit=3)
    for seq in range(1, 101):
        store.append(seq, b"%d" % seq)
    store.flush()
    assert durable.open(limit=3).messages(1, 999) == [(98, b"98"), (99, b"99"), (100, b"100")]
