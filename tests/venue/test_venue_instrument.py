"""Instruments: the grid, the asset classes, and what is remembered of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from venue_versions import VERSIONS, Talk

from meridian.book import Allocation, Phase
from meridian.venue import (
    Alias,
    Crypto,
    Future,
    FxSpot,
    Instrument,
    Ndf,
    Option,
    PutOrCall,
    TradingRules,
    Venue,
)
from meridian.venue.drop_copy import MAX_COPIES, DropCopy
from meridian.venue.fix_trading_status import MAX_STATUS_SUBSCRIPTIONS
from meridian.venue.instrument import MAX_TEXTS


def instrument(symbol="X", tick="0.01", lot="1", least="1", **more) -> Instrument:
    return Instrument(symbol, Decimal(tick), Decimal(lot), Decimal(least), **more)


@pytest.mark.parametrize(
    ("tick", "ticks", "text"),
    [("0.01", 15_001, "150.01"), ("0.25", 601, "150.25"), ("5", 3, "15"), ("1E+1", 3, "30")],
)
def test_prices_are_written_with_the_ticks_decimals(tick, ticks, text):
    thing = instrument(tick=tick)
    assert thing.price_text(ticks) == text
    assert thing.ticks(Decimal(text)) == ticks


@pytest.mark.parametrize(
    ("lot", "lots", "text"), [("1", 7, "7"), ("1000", 3, "3000"), ("0.001", 1_500, "1.5")]
)
def test_quantities_are_written_without_needless_zeros(lot, lots, text):
    thing = instrument(lot=lot, least=lot)
    assert thing.quantity_text(lots) == text
    assert thing.lots(Decimal(text)) == lots


@pytest.mark.parametrize(
    ("notional", "lots", "text"),
    [(0, 0, "0"), (30_000, 2, "150"), (30_001, 2, "150.005"), (30_002, 3, "100.00666667")],
)
def test_averages_have_eight_decimals_at_most(notional, lots, text):
    assert instrument().average_text(notional, lots) == text


def test_only_so_many_texts_are_remembered():
    thing = instrument()
    for number in range(MAX_TEXTS + 1):
        assert thing.price_text(number) == f"{number // 100}.{number % 100:02d}"
        assert len(thing._prices) <= MAX_TEXTS


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"band_low": Decimal("1.005")}, "band_low 1.005"),
        ({"tick_table": ((Decimal(1), Decimal("0.005")),)}, "tick_table"),
        ({"schedule": ((5, Phase.CLOSED), (5, Phase.HALTED))}, "schedule"),
        ({"schedule": ((86_400, Phase.CLOSED),)}, "schedule"),
        ({"reference_price": Decimal("0.001")}, "reference_price 0.001"),
        ({"max_quantity": Decimal("0.5")}, "max_quantity 0.5"),
    ],
)
def test_a_rule_off_the_grid_is_named(rules, says):
    with pytest.raises(ValueError, match="X: ") as caught:
        instrument(rules=TradingRules(**rules))
    assert says in str(caught.value)
    with pytest.raises(ValueError, match="tick_size 0"):
        instrument(tick="0")


def test_rules_reach_the_book_in_ticks_and_lots():
    rules = TradingRules(
        allocation=Allocation.PRO_RATA,
        tick_table=((Decimal(10), Decimal("0.05")),),
        max_quantity=Decimal(5_000),
        band_low=Decimal(1),
        band_high=Decimal(20),
    )
    book = instrument(lot="100", least="200", rules=rules).book_rules
    assert book.tick_table == ((1, 1), (1_000, 5))
    assert (book.min_quantity, book.max_quantity) == (2, 50)
    assert (book.band_low, book.band_high) == (100, 2_000)
    assert book.allocation is Allocation.PRO_RATA


ASSETS = {
    "OPT": Option("AAPL", "202401", Decimal("200.5"), PutOrCall.PUT),
    "FUT": Future("SPX", "20240315", Decimal(50)),
    "SPOT": FxSpot("EUR", "USD"),
    "NDF": Ndf("USD", "BRL", "USD", "20240117", "20240119"),
    "COIN": Crypto("BTC", "USD"),
}


@pytest.mark.parametrize("version", [name for name in VERSIONS if VERSIONS[name].rank >= 42])
def test_every_asset_class_is_defined_in_every_version(version):
    things = [
        instrument(name, asset=asset, aliases=(Alias(f"ID{name}", "8"),))
        for name, asset in ASSETS.items()
    ]
    desk = Talk(Venue(things, "R"), ALICE=version)
    kinds = {}
    for name in ASSETS:
        ((_, text),) = desk.say("ALICE", f"35=c|320=r|321=0|55={name}")
        fields = dict(field.split("=", 1) for field in text.strip("|").split("|"))
        assert (fields["323"], fields["48"], fields["22"]) == ("1", f"ID{name}", "8")
        kinds[name] = fields.get("167")
        if name == "OPT":
            assert (fields["200"], fields["202"], fields["231"]) == ("202401", "200.5", "100")
    foreign = ("FXSPOT", "FXNDF") if version == "FIX.5.0SP2" else ("FOR", "FOR")
    listed = (None, None) if version == "FIX.4.3" else ("OPT", "FUT")
    assert tuple(kinds.values()) == (*listed, *foreign, "NONE")


def test_a_session_has_room_for_so_many_status_subscriptions():
    desk = Talk(Venue([instrument()], "R"), ALICE="FIX.4.4")
    for number in range(MAX_STATUS_SUBSCRIPTIONS + 1):
        assert desk.say("ALICE", f"35=e|324={number}|55=X|263=1")
    assert len(desk.door._status._securities) == MAX_STATUS_SUBSCRIPTIONS
    desk.say("ALICE", "35=e|324=0|55=X|263=2")
    desk.say("ALICE", "35=g|335=s|263=1")
    desk.say("ALICE", "35=g|335=s|263=2")
    desk.door.drop("ALICE")
    assert not desk.door._status._securities


def test_a_session_has_room_for_so_many_copies():
    copies = DropCopy()
    for number in range(MAX_COPIES):
        copies.add("A", f"C{number}")
    with pytest.raises(ValueError, match="at most 100"):
        copies.add("A", "more")
    copies.add("A", "C0")
    assert len(copies.targets("A")) == MAX_COPIES
    with pytest.raises(ValueError, match="its own"):
        copies.add("A", "A")
    copies.forget("C0")
    assert copies.sources("C0") == []
