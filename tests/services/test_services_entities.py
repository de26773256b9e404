"""What would break: instruments, endpoints, sessions and bots that come and go at run time."""

from __future__ import annotations

import threading

import pytest
from desk import Desk

from meridian.client import CommandInvalid, CommandRefused, NotFound, SimulatorError
from meridian.management import Script, VenueDefinition
from meridian.management.commands import COMMANDS
from meridian.management.instruments import (
    AllocationName,
    CollarName,
    OrderTypeName,
    PhaseName,
    TifName,
)
from meridian.services.logs import Silent
from meridian.services.venue_host import MAX_VENUES, VenueHost
from meridian.services.venue_records import Records
from meridian.venue.drop_copy import MAX_COPIES

ASSETS = [
    {"type": "equity", "exchange": "XNAS"},
    {
        "type": "option",
        "underlying": "AAPL",
        "maturity": "20261218",
        "strike": "150",
        "right": "call",
    },
    {"type": "future", "underlying": "ES", "maturity": "202612", "contract_multiplier": 50},
    {"type": "fx_spot", "base": "EUR", "quote": "USD"},
    {
        "type": "ndf",
        "base": "USD",
        "quote": "KRW",
        "settl_currency": "USD",
        "fixing_date": "20261218",
        "settl_date": "20261220",
    },
    {"type": "crypto", "base": "BTC", "quote": "USDT"},
]


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset["type"])
def test_an_instrument_of_every_asset_class_trades_at_once(venue, asset):
    venue.create_instrument("NEW/1", asset=asset, aliases=[{"name": "US0378331005", "source": "4"}])
    view = venue.execute("get_instrument", symbol="NEW/1")
    assert asset.items() <= view["definition"]["asset"].items() or asset["type"] == "future"
    with Desk(venue.connection("TRADER")) as desk:
        desk.order("a1", px="100.00", t55="NEW/1")
        desk.wait(t35="8", t150="0")
        venue.execute("delete_instrument", symbol="NEW/1", cancel_orders=True)
        desk.wait(t35="8", t150="4")
        desk.order("a2", px="100.00", t55="NEW/1")
        assert desk.wait(t35="8", t150="8").get(103) == "1"


def test_an_instrument_with_orders_is_neither_changed_nor_deleted(venue):
    with Desk(venue.connection("TRADER")) as desk:
        desk.order("a1")
        desk.wait(t150="0")
        with pytest.raises(CommandRefused, match="1 orders are live"):
            venue.execute("delete_instrument", symbol="AAPL")
        changes = {"tick_size": "0.05"}
        with pytest.raises(CommandRefused, match="orders_live"):
            venue.execute("update_instrument", symbol="AAPL", changes=changes)
        venue.orders()[0].cancel()
        venue.execute("update_instrument", symbol="AAPL", changes=changes)
        desk.order("a2", px="150.12")
        assert desk.wait(t150="8").get(103) == "99"
        with pytest.raises(CommandInvalid, match="reference_price"):
            venue.execute("update_instrument", symbol="AAPL", changes={"tick_size": "0.07"})


def test_what_an_instrument_offers_is_what_it_takes(venue):
    venue.create_instrument(
        "ONLY", features={"order_types": ["limit"], "times_in_force": ["day", "ioc"]}
    )
    with Desk(venue.connection("TRADER")) as desk:
        desk.order("a1", t55="ONLY", px="100", t59="1")
        assert desk.wait(t150="8").get(103) == "11"
        desk.order("a2", t55="ONLY", px="100", t59="0")
        desk.wait(t150="0")


def test_an_endpoint_of_every_version_lets_its_client_in(venue):
    for version in ("FIX.4.0", "FIX.4.2", "FIX.4.4", "FIX.5.0SP2"):
        endpoint = {"name": version, "protocol": version, "port": 0}
        venue.execute("create_endpoint", endpoint=endpoint)
        venue.create_session(f"C-{version}", endpoint=version)
        more = {"t1137": "9"} if version.startswith("FIX.5") else {}
        with Desk(venue.connection(f"C-{version}"), **more) as desk:
            assert desk.wait(t35="A").get(56) == f"C-{version}"
        venue.execute("delete_endpoint", endpoint=version)
    with pytest.raises(NotFound, match="expected one of: fix-1"):
        venue.execute("get_endpoint", endpoint="FIX.4.0")


def test_a_login_is_changed_and_a_session_deleted(venue):
    with Desk(venue.connection("TRADER")) as desk:
        desk.wait(t35="A")
        login = {"username": "t", "password": "new"}
        venue.execute("update_session", comp_id="TRADER", changes=login)
        assert desk.read() == b"", "who knew the old login must log on anew"
    with Desk(venue.connection("TRADER"), t553="t", t554="old") as stranger:
        assert stranger.read() == b""
    connection = venue.connection("TRADER")
    with Desk(connection, t553="t", t554="new", t141="Y") as desk:
        desk.wait(t35="A")
        venue.execute("delete_session", comp_id="TRADER")
        assert desk.read() == b""
    with Desk(connection, t553="t", t554="new") as desk:
        assert desk.read() == b""


@pytest.mark.parametrize("comp_id", ["TRADER", "MERIDIAN", "ITCH", "BOT-1"])
def test_names_that_are_taken_are_refused(venue, comp_id):
    with pytest.raises(CommandRefused, match=comp_id):
        venue.create_session(comp_id)
    sessions = [{"comp_id": comp_id}]
    with pytest.raises(CommandRefused, match=comp_id):
        venue.execute("create_endpoint", endpoint={"port": 0, "sessions": sessions})


def test_a_bot_is_made_changed_and_stopped(venue):
    name = venue.create_bot("market_maker", "AAPL", activity="none", levels=2)
    assert venue.execute("get_bot", bot=name)["open_orders"] == 0
    venue.execute("update_bot", bot=name, changes={"activity": "fast"})
    while not venue.execute("get_bot", bot=name)["open_orders"]:
        venue.events(after=venue.events(limit=1_000)["next"], wait=1)
    with pytest.raises(CommandRefused, match="bots"):
        venue.execute("delete_instrument", symbol="AAPL")
    venue.execute("delete_bot", bot=name)
    assert venue.book("AAPL")["bids"] == []
    with pytest.raises(NotFound, match="expected one of: none"):
        venue.execute("get_bot", bot=name)


@pytest.mark.parametrize(
    ("kind", "exec_types"),
    [
        ("auto_fill", ["A", "0", "F"]),
        ("auto_reject", ["A", "8"]),
        ("auto_cancel", ["A", "0", "4"]),
        ("partial_then_cancel", ["A", "0", "F", "4"]),
    ],
)
def test_bots_decide_about_the_orders_of_their_book(venue, kind, exec_types):
    venue.create_bot(kind, "AAPL", activity="fast")
    with Desk(venue.connection("TRADER")) as desk:
        desk.wait(t35="A")
        while venue.execute("get_instrument", symbol="AAPL")["mode"] != "managed":
            venue.events(after=venue.events(limit=1_000)["next"], wait=1)
        desk.order("a1")
        assert [desk.wait(t35="8").get(150) for _ in exec_types] == exec_types


def test_a_bot_of_ones_own_is_found_by_its_entry_point(venue, tmp_path, monkeypatch):
    (tmp_path / "mybots.py").write_text(
        "from meridian.venue import Bot\n"
        "class Halter(Bot):\n"
        "    def _act(self, venue):\n"
        "        from meridian.book import Phase\n"
        "        from meridian.venue.commands import SetPhase\n"
        "        return [SetPhase(self.settings.symbol, Phase.HALTED)]\n"
    )
    info = tmp_path / "mybots-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mybots\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[meridian.bots]\nhalter = mybots:Halter\nbroken = mybots:Nothing\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    venue.create_bot("plugin", "AAPL", plugin="halter", activity="fast")
    while venue.book("AAPL")["phase"] != "halted":
        venue.events(after=venue.events(limit=1_000)["next"], wait=1)
    with pytest.raises(CommandInvalid, match="cannot be loaded"):
        venue.create_bot("plugin", "AAPL", plugin="broken")
    with pytest.raises(CommandInvalid, match=r"expected an entry point of meridian\.bots"):
        venue.create_bot("plugin", "AAPL", plugin="none")


def test_several_venues_live_side_by_side(venue):
    other = venue.create_venue("XTWO", seed=3)
    other.create_instrument("AAPL")
    other.execute("create_endpoint", endpoint={"port": 0, "sessions": [{"comp_id": "TRADER"}]})
    with pytest.raises(NotFound, match="MERIDIAN, XTWO"):
        venue.orders()
    with Desk(other.connection("TRADER")) as desk:
        desk.order("a1", px="100")
        desk.wait(t150="0", t49="XTWO")
    assert [order.cl_ord_id for order in other.orders()] == ["a1"]
    assert venue.venue("MERIDIAN").orders() == []
    venue.execute("delete_venue", venue="XTWO")
    assert venue.orders() == []
    for number in range(MAX_VENUES - 1):
        venue.create_venue(f"V{number}")
    with pytest.raises(CommandRefused, match=f"at most {MAX_VENUES}"):
        venue.create_venue("ONE-MORE")


def test_commands_at_once_leave_one_truth(venue):
    wins, losses = [], []

    def create(number: int) -> None:
        for name in range(20):
            try:
                venue.create_session(f"S{name}")
                wins.append(name)
            except SimulatorError as error:
                losses.append(error)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wins) == list(range(20))
    assert len(losses) == 60


async def test_every_command_is_carried_out_by_somebody():
    host = VenueHost(Records(log=Silent()))
    await host.start(Script(VenueDefinition()))
    try:
        assert set(host.words()) == set(COMMANDS)
    finally:
        await host.stop()


def test_people_and_the_venue_mean_the_same_words():
    from meridian.book import Allocation, CollarAction, Kind, Phase, Tif

    for ours, theirs in (
        (OrderTypeName, Kind),
        (TifName, Tif),
        (PhaseName, Phase),
        (AllocationName, Allocation),
        (CollarName, CollarAction),
    ):
        assert {word.name for word in ours} == {word.name for word in theirs}


def test_a_drop_copy_session_is_sent_what_it_missed_before_its_first_logon(venue):
    venue.create_session("COPY", copies=["TRADER", "LATER"])
    with Desk(venue.connection("TRADER")) as trader:
        trader.order("t1")
        trader.wait(t35="8", t11="t1")
    venue.create_session("LATER")
    with Desk(venue.connection("LATER")) as later, Desk(venue.connection("COPY")) as copy:
        copy.wait(t35="A")
        later.order("l1")
        assert copy.wait(t35="8", t11="l1").get(448) == "LATER"
        # Of what came before its logon it is told by the numbers, and asks for it.
        copy.send("2", [(7, 1), (16, 0)])
        again = copy.wait(t35="8", t11="t1", t43="Y")
        assert (again.get(448), again.get(797)) == ("TRADER", "Y")


def test_orders_of_a_session_that_is_deleted_trade_on(venue):
    venue.create_session("GONE")
    with Desk(venue.connection("GONE")) as gone:
        gone.order("g1")
        gone.wait(t35="8", t11="g1")
    venue.execute("delete_session", comp_id="GONE")
    with Desk(venue.connection("TRADER")) as trader:
        trader.order("t1", side="2")
        assert trader.wait(t35="8", t150="F").get(11) == "t1"


def test_copies_that_cannot_be_are_refused(venue):
    with pytest.raises(CommandInvalid, match="its own drop copy"):
        venue.create_session("COPY", copies=["COPY"])
    for number in range(MAX_COPIES):
        venue.create_session(f"COPY-{number}", copies=["TRADER"])
    with pytest.raises(CommandRefused, match="100 drop copy sessions"):
        venue.create_session("COPY", copies=["TRADER"])
