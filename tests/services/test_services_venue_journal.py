"""The venue's journal: enough to know every order and execution without the venue."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from meridian.book import Kind, Tif
from meridian.schema import Side
from meridian.schema.errors import ConfigError
from meridian.services.venue_journal import VenueJournal
from meridian.venue import (
    CancelOrder,
    Instrument,
    OrderReason,
    ReduceOrder,
    RefuseOrder,
    ReplaceOrder,
    Request,
    SubmitOrder,
    Venue,
)


def limit(who, name, side, quantity, tif=Tif.DAY):
    return SubmitOrder(who, name, "EURUSD", side, Kind.LIMIT, tif, quantity, 21_700)


def test_every_order_can_be_rebuilt_from_its_lines(tmp_path):
    instrument = Instrument("EURUSD", Decimal("0.00005"), Decimal(1000), Decimal(1000))
    venue = Venue([instrument], "R")
    journal = VenueJournal(tmp_path / "j.jsonl", venue.instruments)
    for now, command in enumerate(
        (
            limit("A", "a1", Side.SELL_SHORT, 10),
            limit("B", "b1", Side.BUY, 4, Tif.IOC),
            ReplaceOrder(Request("A", "a2", "a1"), 9, 21_701),
            ReduceOrder("A", "a2", 3),
            CancelOrder(Request("A", "a3", "a2")),
            CancelOrder(Request("A", "a4", "a2")),
            limit("B", "b2", Side.BUY, 1, Tif.IOC),
            RefuseOrder("B", "b3", "EURUSD", OrderReason.OTHER, "a limit order needs Price(44)"),
        )
    ):
        journal.write(venue.apply(command, now))
    journal.close()
    lines = [json.loads(line) for line in (tmp_path / "j.jsonl").read_text().splitlines()]

    def told(*keys):
        return [tuple(line.get(key) for key in ("kind", *keys)) for line in lines]

    assert told("session", "cl_ord_id", "cum_qty", "leaves_qty", "ts") == [
        ("accepted", "A", "a1", "0", "10000", 0),
        ("accepted", "B", "b1", "0", "4000", 1),
        ("executed", "B", "b1", "4000", "0", 1),
        ("executed", "A", "a1", "4000", "6000", 1),
        ("replaced", "A", "a2", "4000", "5000", 2),
        ("reduced", "A", "a2", "4000", "3000", 3),
        ("cancelled", "A", "a3", "4000", "0", 4),
        ("accepted", "B", "b2", "0", "1000", 6),
        ("cancelled", "B", "b2", "0", "0", 6),
        ("rejected", "B", "b3", None, None, 7),
    ]
    assert told("last_qty", "last_px", "side")[2:4] == [
        ("executed", "4000", "1.08500", "BUY"),
        ("executed", "4000", "1.08500", "SELL_SHORT"),
    ]
    assert lines[2]["match_id"] == lines[3]["match_id"]
    assert (lines[4]["qty"], lines[4]["px"]) == ("9000", "1.08505")
    assert lines[8]["text"].startswith("immediate or cancel")
    assert lines[9]["reason"] == 99
    assert len({line["exec_id"] for line in lines}) == len(lines)


def test_a_journal_is_added_to_and_never_overwritten(tmp_path):
    path = tmp_path / "j.jsonl"
    path.write_text('{"kind":"accepted"}\n')
    instrument = Instrument("EURUSD", Decimal("0.00005"), Decimal(1000), Decimal(1000))
    venue = Venue([instrument], "R")
    journal = VenueJournal(path, venue.instruments)
    journal.write(venue.apply(limit("A", "a1", Side.BUY, 1), 0))
    journal.close()
    assert len(path.read_text().splitlines()) == 2


def test_a_line_cut_short_by_the_end_of_a_run_spoils_no_other(tmp_path):
    path = tmp_path / "j.jsonl"
    path.write_text('{"kind":"accep')
    instrument = Instrument("EURUSD", Decimal("0.00005"), Decimal(1000), Decimal(1000))
    venue = Venue([instrument], "R")
    journal = VenueJournal(path, venue.instruments)
    journal.write(venue.apply(limit("A", "a1", Side.BUY, 1), 0))
    journal.close()
    _, line = path.read_text().splitlines()
    assert json.loads(line)["cl_ord_id"] == "a1"


def test_a_journal_that_cannot_be_opened_is_named(tmp_path):
    with pytest.raises(ConfigError, match=f"cannot write journal {tmp_path}"):
        VenueJournal(tmp_path, {})
