"""The log file of a session: torn ends, damage, locks, a full disk, growth."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from meridian.schema.errors import ConfigError, StoreError
from meridian.store import fix_log, fix_log_file
from meridian.store.fix_log import LogMessageStore, log_path

OPENER = """
import sys
from meridian.store.fix_log import LogMessageStore

LogMessageStore(sys.argv[1])
"""
BYTES_OF_EMPTY = len(b"MERIDIAN-FIX-1\r\n")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.log"


@pytest.fixture(params=["flush", "fdatasync"])
def sync(request):
    return request.param


def written(path, count=3, sync="flush"):
    """A log of ``count`` flushed messages; returns its size after each."""
    store = LogMessageStore(path, sync)
    sizes = [path.stat().st_size]
    for seq in range(store.next_out, store.next_out + count):
        store.append(seq, b"message %d" % seq)
        store.set_next_in(seq + 1)
        store.flush()
        sizes.append(path.stat().st_size)
    store.close()
    return sizes


def opened(path):
    store = LogMessageStore(path, "flush")
    state = (store.next_out, store.next_in, store.messages(1, 99))
    store.close()
    return state


def whole(count):
    return (count + 1, count + 1, [(n, b"message %d" % n) for n in range(1, count + 1)])


def test_every_torn_end_is_cut_off_and_the_log_goes_on(path):
    sizes = written(path)
    content = path.read_bytes()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        flushed = sum(size >= at for at in sizes[1:])
        assert opened(path) == whole(flushed), f"cut at {size}"
    path.write_bytes(content[:-1])
    written(path, count=1)
    assert opened(path) == whole(3)


def test_a_torn_end_of_zeros_or_noise_is_cut_off(path):
    written(path)
    content = path.read_bytes()
    for tail in (b"\0" * 5_000, b"\xffFIX" * 100, os.urandom(999)):
        path.write_bytes(content + tail)
        assert opened(path) == whole(3)
        assert path.read_bytes() == content


def test_damage_before_the_end_is_not_taken_for_a_torn_end(path):
    sizes = written(path)
    content = path.read_bytes()
    for at in range(sizes[0], sizes[1]):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x40]) + content[at + 1 :])
        with pytest.raises(ConfigError, match=rf"damaged at byte {sizes[0]} of {len(content)}"):
            LogMessageStore(path)


def test_a_foreign_file_is_left_alone(path):
    path.write_bytes(b"precious notes of somebody else")
    with pytest.raises(ConfigError, match="is no message log: it begins with b'precious notes"):
        LogMessageStore(path)
    assert path.read_bytes() == b"precious notes of somebody else"


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot open message log .*No such file"):
        LogMessageStore(tmp_path / "nowhere" / "log")


def test_a_second_process_is_refused_until_the_first_lets_go(path):
    held = LogMessageStore(path)
    command = [sys.executable, "-c", OPENER, str(path)]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"message log {path} is held by another process" in second.stderr
    held.close()
    assert subprocess.run(command, check=False).returncode == 0


def test_a_full_disk_loses_nothing_that_was_flushed_and_the_rest_follows_later(
    path, sync, monkeypatch
):
    written(path)
    store = LogMessageStore(path, sync)
    store.append(4, b"message 4")
    store.set_next_in(5)
    real = os.pwrite

    def half(fd, data, at):
        if len(data) > 10:
            return real(fd, data[:10], at)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fix_log_file.os, "pwrite", lambda fd, data, at: half(fd, data[:20], at))
    with pytest.raises(StoreError, match="No space left"):
        store.flush()
    monkeypatch.setattr(fix_log_file.os, "pwrite", real)
    store.append(5, b"message 5")
    store.set_next_in(6)
    store.flush()
    store.close()
    assert opened(path) == whole(5)


def test_after_a_failed_sync_nothing_is_promised_any_more(path, monkeypatch):
    store = LogMessageStore(path, "fdatasync")

    def fails(fd):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(fix_log_file, "_datasync", fails)
    store.append(1, b"x")
    with pytest.raises(StoreError, match="Input/output error"):
        store.flush()
    monkeypatch.undo()
    with pytest.raises(StoreError, match="failed before"):
        store.flush()


def test_fdatasync_reaches_the_medium_once_a_flush(path, monkeypatch):
    synced = []
    monkeypatch.setattr(fix_log_file, "_datasync", synced.append)
    store = LogMessageStore(path, "fdatasync")
    for seq in range(1, 101):
        store.append(seq, b"x")
    assert synced == []
    store.flush()
    store.flush()
    assert len(synced) == 1
    store.close()


def test_the_file_is_rewritten_when_it_has_outgrown_what_it_keeps(path, monkeypatch):
    monkeypatch.setattr(fix_log, "COMPACT_ABOVE", 20_000)
    store = LogMessageStore(path, "flush", limit=10)
    store.reset(5)
    for seq in range(1, 5_001):
        store.append(seq, b"message %d" % seq)
        store.set_next_in(seq + 1)
        store.flush()
        assert path.stat().st_size < 21_000
    kept = [(n, b"message %d" % n) for n in range(4_991, 5_001)]
    assert store.messages(1, 9_999) == kept
    store.close()
    store = LogMessageStore(path, "flush", limit=10)
    assert (store.next_out, store.next_in, store.created) == (5_001, 5_001, 5)
    assert store.messages(1, 9_999) == kept
    store.close()


def test_a_rewrite_that_finds_no_room_leaves_the_old_file(path, monkeypatch):
    monkeypatch.setattr(fix_log, "COMPACT_ABOVE", 1_000)

    def fails(source, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fix_log_file.os, "replace", fails)
    store = LogMessageStore(path, "flush", limit=10)
    for seq in range(1, 201):
        store.append(seq, b"message %d" % seq)
        store.flush()
    store.close()
    assert [p.name for p in sorted(path.parent.iterdir())] == [path.name, f"{path.name}.lock"]
    store = LogMessageStore(path, "flush", limit=10)
    assert store.next_out == 201
    store.close()


@pytest.mark.parametrize(
    ("bound", "value"), [("MAX_UNFLUSHED", 3), ("MAX_UNFLUSHED_BYTES", 3 * (13 + 2))]
)
def test_unflushed_messages_are_bounded(path, monkeypatch, bound, value):
    monkeypatch.setattr(fix_log, bound, value)
    store = LogMessageStore(path, "flush")
    for seq in (1, 2):
        store.append(seq, b"xy")
    assert path.stat().st_size == BYTES_OF_EMPTY
    store.append(3, b"xy")
    store.append(4, b"xy")
    assert path.stat().st_size > BYTES_OF_EMPTY
    store.close()


def test_a_message_that_finds_no_room_is_not_kept_and_takes_no_number(path, monkeypatch):
    monkeypatch.setattr(fix_log, "MAX_UNFLUSHED", 1)
    store = LogMessageStore(path, "flush")
    store.append(1, b"one")

    def full(fd, data, at):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fix_log_file.os, "pwrite", full)
    with pytest.raises(StoreError, match=rf"cannot write message log {path}: .*No space left"):
        store.append(2, b"two")
    assert store.next_out == 2
    monkeypatch.undo()
    store.append(2, b"two again")
    assert store.messages(1, 9) == [(1, b"one"), (2, b"two again")]
    store.close()


def test_a_file_that_somebody_cuts_is_told_not_resent_as_it_is(path):
    store = LogMessageStore(path, "flush")
    store.append(1, b"message 1")
    store.flush()
    os.truncate(path, path.stat().st_size - 3)
    with pytest.raises(StoreError, match=rf"message log {path} ends before byte \d+"):
        store.messages(1, 9)
    store.close()


def test_kept_bytes_are_bounded(path, monkeypatch):
    monkeypatch.setattr(fix_log, "MAX_KEPT_BYTES", 1_000)
    store = LogMessageStore(path, "flush")
    for seq in range(1, 101):
        store.append(seq, b"x" * 37)
    kept = store.messages(1, 999)
    assert 15 <= len(kept) <= 20
    assert kept[-1][0] == 100
    store.close()


HOSTILE = [
    "..",
    "../../etc/passwd",
    "a/b",
    "a\0b",
    "",
    ".",
    "x" * 5_000,
    "x" * 4_999,
    "\xff/~",
    "%2F",
]


def test_no_name_of_a_peer_leaves_the_folder_or_meets_another(tmp_path):
    paths = {log_path(tmp_path, f"FIX.4.4:US->{name}") for name in HOSTILE}
    paths |= {log_path(tmp_path, name) for name in HOSTILE}
    assert len(paths) == 2 * len(HOSTILE)
    # The shortened name of a long one is nobody's own.
    paths |= {log_path(tmp_path, path.stem) for path in paths if "+" in path.stem}
    assert len(paths) == 2 * len(HOSTILE) + 4
    for path in paths:
        LogMessageStore(path, "flush").close()
        assert path.parent == tmp_path
    assert len(list(tmp_path.iterdir())) == 2 * len(paths)


def test_a_path_that_no_system_takes_is_an_error_that_names_it(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot open message log .*null byte"):
        LogMessageStore(tmp_path / "a\0b")


def test_a_folder_that_is_read_only_is_said(path, monkeypatch):
    def refuses(*_):
        raise PermissionError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(fix_log_file.os, "open", refuses)
    with pytest.raises(ConfigError, match=r"cannot open message log .*Read-only file system"):
        LogMessageStore(path)
