"""Sessions in a database: apart from each other, flushed whole, there after kill -9.

What every store does is in test_store_fix_stores.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from sqlalchemy import text

from meridian.schema.errors import StoreError
from meridian.store import fix_messages
from meridian.store.database import Database
from meridian.store.fix_messages import SqlMessageStore
from meridian.store.tables import METADATA


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.db"


@pytest.fixture
def database(path):
    database = Database(path, METADATA)
    yield database
    database.close()


def test_sessions_do_not_see_each_other(database):
    one, two = SqlMessageStore(database, "one"), SqlMessageStore(database, "two")
    one.append(1, b"x")
    assert (two.next_out, two.messages(1, 9)) == (1, [])
    two.append(1, b"y")
    two.flush()
    one.reset(5)
    assert SqlMessageStore(database, "two").messages(1, 9) == [(1, b"y")]


def test_a_flush_commits_messages_and_numbers_together_and_nothing_before_it(database):
    store = SqlMessageStore(database, "a")
    store.append(1, b"x")
    store.append(2, b"y")
    store.set_next_in(3)
    before = SqlMessageStore(database, "a")
    assert (before.next_out, before.next_in, before.messages(1, 9)) == (1, 1, [])
    store.flush()
    after = SqlMessageStore(database, "a")
    assert (after.next_out, after.next_in) == (3, 3)
    assert after.messages(1, 9) == [(1, b"x"), (2, b"y")]


def test_what_a_failed_flush_could_not_commit_the_next_one_does(path):
    first = Database(path, METADATA)
    store = SqlMessageStore(first, "a")
    store.append(1, b"x")
    with first.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE fix_messages RENAME TO away")
    with pytest.raises(StoreError):
        store.flush()
    with first.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO fix_messages")
    store.append(2, b"y")
    store.flush()
    assert SqlMessageStore(first, "a").messages(1, 9) == [(1, b"x"), (2, b"y")]
    first.close()


@pytest.mark.parametrize(("bound", "size"), [("MAX_UNFLUSHED", 1), ("MAX_UNFLUSHED_BYTES", 2)])
def test_unflushed_messages_are_bounded(database, monkeypatch, bound, size):
    monkeypatch.setattr(fix_messages, bound, 3 * size)
    store = SqlMessageStore(database, "a")
    for seq in (1, 2):
        store.append(seq, b"xy")
    assert SqlMessageStore(database, "a").next_out == 1
    store.append(3, b"xy")
    store.append(4, b"xy")
    assert SqlMessageStore(database, "a").next_out == 4


WRITER = """
import sys
from meridian.store.database import Database
from meridian.store.fix_messages import SqlMessageStore
from meridian.store.tables import METADATA

store = SqlMessageStore(Database(sys.argv[1], METADATA), "a")
for seq in range(1, 100_000):
    store.append(seq, b"message %d" % seq)
    store.set_next_in(seq + 1)
    store.flush()
    print(seq, flush=True)
"""


def test_what_a_flush_has_returned_survives_kill_9(path):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    with writer:
        for line in writer.stdout:
            if int(line) >= 50:
                break
        os.kill(writer.pid, signal.SIGKILL)
        told = [int(line) for line in writer.stdout.read().split("\n")[:-1]]
    last = max(told, default=50)
    database = Database(path, METADATA)
    store = SqlMessageStore(database, "a")
    # At most the one call that was under way may have got further than it told.
    assert store.next_out - 1 in (last, last + 1)
    assert store.next_in - 1 in (last, last + 1)
    assert store.messages(1, last) == [(n, b"message %d" % n) for n in range(1, last + 1)]
    database.close()


def test_a_database_that_fails_is_told_and_what_waits_is_committed_later(path, database):
    store = SqlMessageStore(database, "a")
    store.append(1, b"one")
    with database.transaction() as connection:
        connection.execute(text("ALTER TABLE fix_messages RENAME TO aside"))
    with pytest.raises(StoreError, match=rf"session a in {path}: no such table: fix_messages"):
        store.flush()
    with pytest.raises(StoreError, match="no such table"):
        store.reset(7)
    with database.transaction() as connection:
        connection.execute(text("ALTER TABLE aside RENAME TO fix_messages"))
    # A reset that could not be made durable is made so with the next change.
    store.append(1, b"first again")
    store.flush()
    again = SqlMessageStore(database, "a")
    assert (again.next_out, again.next_in, again.created) == (2, 1, 7)
    assert again.messages(1, 9) == [(1, b"first again")]
