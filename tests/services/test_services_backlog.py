"""What would break: a reader that misses something without being told, or waits for ever."""

from __future__ import annotations

import asyncio

from meridian.fix.config import SessionConfig
from meridian.fix.store import MemoryMessageStore
from meridian.services.backlog import Backlog
from meridian.services.venue_records import MAX_EVENTS, EventLog, Note, Records
from meridian.services.venue_wire import MAX_MESSAGES, MAX_UNFINISHED, WiredSession, WireJournal


def everything(_: int, item: str) -> str:
    return item


def test_a_page_says_where_to_go_on_and_what_is_gone():
    backlog: Backlog[str] = Backlog(3)
    backlog.add("abcde", 5)
    page = backlog.page(0, 2, everything)
    assert page == (["c", "d"], 4, 2)
    assert backlog.page(page.next, 2, everything) == (["e"], 5, 0)
    assert backlog.page(99, 2, everything) == ([], 5, 0)


def test_what_was_forgotten_on_purpose_is_not_lost():
    backlog: Backlog[str] = Backlog(3)
    backlog.add("ab", 2)
    backlog.forget()
    assert backlog.page(0, 9, everything) == ([], 2, 0)
    backlog.add("c", 1)
    assert backlog.page(0, 9, everything) == (["c"], 3, 0)


async def test_a_reader_waits_for_what_it_looks_for_only():
    backlog: Backlog[str] = Backlog(9)
    find = lambda _, item: item if item == "x" else None  # noqa: E731
    waiting = asyncio.create_task(backlog.wait_page(0, 1, find, 20))
    for item in "abx":
        await asyncio.sleep(0)
        backlog.add(item, 1)
    assert await waiting == (["x"], 3, 0)
    assert (await backlog.wait_page(3, 1, find, 0)).items == []


def test_events_and_messages_are_bounded():
    log = EventLog(MAX_EVENTS)
    for number in range(MAX_EVENTS + 5):
        log.note(None, Note(number, "x", {}))
    assert log.page(0, 1, lambda number, item: number).lost == 5
    assert Records().wire.page(0, 1, lambda n, e: e).lost == 0
    journal = WireJournal(MAX_MESSAGES)
    session = wired(journal)
    session.receive_data(b"8=FIX.4.4\x0110=000\x01" * (MAX_MESSAGES + 3), 0)
    assert journal.page(0, 1, lambda number, entry: entry).lost == 3


def test_a_message_without_an_end_is_kept_in_pieces():
    journal = WireJournal(9)
    session = wired(journal)
    session.receive_data(b"x" * MAX_UNFINISHED, 0)
    assert journal.last == 0
    session.receive_data(b"y", 0)
    (entry,) = journal.page(0, 9, lambda number, entry: entry).items
    assert (len(entry.raw), entry.msg_type) == (MAX_UNFINISHED + 1, "")


def wired(journal: WireJournal) -> WiredSession:
    config = SessionConfig("V", "C", initiator=False)
    return WiredSession(config, MemoryMessageStore(), "V", "C", journal, lambda: 0)
