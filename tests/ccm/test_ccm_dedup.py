"""Which fills are one fill. Too narrow a key doubles a position, too wide a key loses a fill."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from meridian.ccm import TradeIdScope, fill_key
from meridian.schema import FillEvent

PRICES = st.decimals(min_value=-1000, max_value=1000, places=4)
SIZES = st.decimals(min_value="0.0001", max_value=1000, places=4)


def key(scope=TradeIdScope.VENUE, **fields):
    base = {"trade_id": "T1", "side": "BUY", "price": 150, "quantity": 100, "security_id": "A"}
    return fill_key(FillEvent(**(base | fields)), "XTST", scope)


def test_spelling_does_not_make_another_fill():
    assert key() == key(side="Buy", price="150.00", quantity=100.0, trade_id=" T1 ", venue="XTST")


def test_each_part_of_the_key_makes_another_fill():
    others = [
        key(trade_id="T2"),
        key(trade_id="t1"),
        key(side="SELL"),
        key(price="150.01"),
        key(quantity=99),
        key(venue="XNYS"),
    ]
    assert len({other.whole for other in others} | {key().whole}) == 7


def test_times_and_ids_of_the_order_are_no_part_of_the_key():
    assert key() == key(order_id="O9", ts_event=5, security_id="B", venue_order_id="V9")


def test_a_price_change_keeps_the_trade():
    assert key().trade == key(price=151).trade


def test_where_trade_ids_count_per_instrument_two_instruments_have_two_fills():
    scope = TradeIdScope.INSTRUMENT
    assert key(scope) != key(scope, security_id="B")
    assert key(scope) == key(scope, order_id="O2")


def test_where_trade_ids_count_per_order_two_orders_have_two_fills():
    scope = TradeIdScope.ORDER
    assert key(scope, order_id="O1") != key(scope, order_id="O2")


def test_no_trade_id_no_key():
    assert key(trade_id=None) is key(trade_id="  ") is None


def test_parts_cannot_run_into_each_other():
    assert key(trade_id='T", "BUY').whole != key(trade_id="T").whole


@given(PRICES, SIZES, st.integers(0, 6), st.integers(0, 6))
def test_trailing_zeros_never_matter(price, size, more, other):
    def padded(number, zeros):
        return Decimal(f"{number:f}" + "0" * zeros)

    assert key(price=padded(price, more), quantity=padded(size, other)) == key(
        price=price, quantity=size
    )


@given(PRICES, PRICES)
def test_keys_are_equal_exactly_where_prices_are(one, two):
    assert (key(price=one) == key(price=two)) is (one == two)
