"""What would break: a wish forgotten over a crash, an id or a fill journaled twice."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from meridian.kernel.records import FillApplied, IntentPlaced, Record, RequestSent
from meridian.kernel.state import KernelState
from meridian.schema import FillEvent, StandardOrder
from meridian.schema.errors import ConfigError
from meridian.store.journal import READ_BATCH, SqlJournal

ORDER = StandardOrder(symbol_id="AAPL", side="BUY", quantity="100", price="10.10")


def placed(ordinal: int = 1) -> Record:
    return IntentPlaced(at=5, intent_id=f"I{ordinal}", ordinal=ordinal, order=ORDER)


def sent(client_id: str = "C1") -> Record:
    return RequestSent(
        at=6,
        intent_id="I1",
        operation="PLACE",
        generation=1,
        number=1,
        client_id=client_id,
        order_id=client_id,
        order=ORDER,
    )


def fill(trade_id: str | None) -> Record:
    event = FillEvent(trade_id=trade_id, order_id="C1", side="BUY", price="10.1", quantity="1")
    return FillApplied(at=7, intent_id="I1", symbol_id="AAPL", currency="USD", fill=event)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kernel.db"


def test_records_and_events_come_back_in_order(path):
    journal = SqlJournal(path, "X", created_at=1_790_000_000_000_000_000)
    state = KernelState(journal.namespace)
    records = [placed(), sent(), fill("T1"), fill(None)]
    events = [event for record in records for event in state.apply(record)]
    journal.append(records, events)
    journal.close()

    again = SqlJournal(path, "X", created_at=1_800_000_000_000_000_000)
    assert list(again.records()) == records
    assert again.events(1, 100) == events
    assert again.events(2, 1) == events[1:2]
    assert again.namespace == journal.namespace
    again.close()


def test_more_records_than_one_read(path):
    journal = SqlJournal(path, "X", created_at=1)
    many = [placed(ordinal) for ordinal in range(1, READ_BATCH * 2 + 2)]
    journal.append(many, [])
    assert list(journal.records()) == many
    journal.close()


@pytest.mark.parametrize("repeated", [sent(), fill("T1")])
def test_a_repeated_client_id_or_trade_cannot_be_committed(path, repeated):
    journal = SqlJournal(path, "X", created_at=1)
    journal.append([placed(), sent(), fill("T1")], [])
    with pytest.raises(IntegrityError):
        journal.append([placed(2), repeated], [])
    assert list(journal.records()) == [placed(), sent(), fill("T1")], "all or nothing"
    journal.close()


def test_two_journals_never_share_a_namespace(tmp_path):
    names = []
    for number in range(3):
        journal = SqlJournal(tmp_path / f"{number}.db", "X", created_at=number * 1_000_000)
        names.append(journal.namespace)
        journal.close()
    assert len(set(names)) == 3


def test_it_is_refused_for_another_exchange(path):
    SqlJournal(path, "X", created_at=1).close()
    with pytest.raises(ConfigError, match="belongs to exchange 'X', not 'Y'"):
        SqlJournal(path, "Y", created_at=1)


def test_a_second_owner_is_refused_while_the_first_lives(path):
    first = SqlJournal(path, "X", created_at=1)
    with pytest.raises(ConfigError, match=r"cannot open database .*kernel\.db: .*locked"):
        SqlJournal(path, "X", created_at=1)
    first.close()
    SqlJournal(path, "X", created_at=1).close()


def test_what_is_not_a_database_is_named(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("not a database, but long enough to look like one" * 100)
    with pytest.raises(ConfigError, match=r"cannot open database .*note\.txt"):
        SqlJournal(path, "X", created_at=1)


def test_commits_reach_the_disk_before_they_return(path):
    journal = SqlJournal(path, "X", created_at=1)
    assert journal._database.pragma("synchronous") == "2"
    assert journal._database.pragma("journal_mode") == "wal"
    journal.close()


def test_a_record_that_cannot_be_read_is_named(path):
    journal = SqlJournal(path, "X", created_at=1)
    journal.append([placed()], [])
    with journal._database.transaction() as connection:
        connection.exec_driver_sql("UPDATE journal_records SET body = '{cut sh'")
    with pytest.raises(ConfigError, match=r"kernel\.db: record 1 cannot be read: Invalid JSON"):
        list(journal.records())
    journal.close()


@pytest.mark.parametrize("name", ["why?.db", "50%25.db", "#1.db"])
def test_a_file_is_made_where_its_name_says(tmp_path, name):
    SqlJournal(tmp_path / name, "X", created_at=1).close()
    assert [made.name for made in tmp_path.iterdir()] == [name]
