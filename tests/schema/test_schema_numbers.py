"""What would break: a price read inexactly, or a strange number that is no clear refusal."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError as PydanticError

from meridian.schema import Side, StandardOrder, SymbolMetadata
from meridian.schema.errors import ValidationError
from meridian.schema.numbers import MAX_DIGITS, canonical, exact, is_multiple

AAPL = SymbolMetadata(symbol_id="AAPL", tick_size="0.01", lot_size=10, min_quantity=20)


def order(**changes):
    fields = {"symbol_id": "AAPL", "side": "BUY", "quantity": 20, "price": "150"} | changes
    return StandardOrder(**fields)


@pytest.mark.parametrize(
    ("given", "read"),
    [(1, "1"), ("150.10", "150.10"), (0.1, "0.1"), (Decimal("1E+2"), "1E+2"), ("-5", "-5")],
)
def test_numbers_are_read_as_they_are_written(given, read):
    assert exact(given) == Decimal(read)


@pytest.mark.parametrize(
    "given", ["", "x", "nan", "inf", "-inf", True, None, [1], "1E+41", "1E-41", 1e300, "9" * 42]
)
def test_what_is_no_number_or_out_of_range_is_refused(given):
    with pytest.raises(ValueError, match="number"):
        exact(given)


@pytest.mark.parametrize(
    ("number", "text"),
    [("150.10", "150.1"), ("1E+2", "100"), ("0.000", "0"), ("-0", "0"), ("-1.50", "-1.5")],
)
def test_equal_numbers_have_one_text(number, text):
    assert canonical(Decimal(number)) == text


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**9), st.integers(-MAX_DIGITS, 0))
def test_multiples_are_told_exactly_however_far_apart_the_sizes_are(count, step, exponent):
    size = Decimal(step).scaleb(exponent)
    assert is_multiple(count * size, size)
    assert is_multiple(Decimal("1E+40"), Decimal("1E-40"))
    assert not is_multiple(Decimal("1E-40"), Decimal("1E+40"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"quantity": 10}, "quantity 10 is below the minimum 20"),
        ({"quantity": 25}, "quantity 25 is not a multiple of 10"),
        ({"price": "150.001"}, "price 150.001 is not a multiple of 0.01"),
        ({"price": 0}, "price 0 is not positive"),
        ({"price": -1}, "price -1 is not positive"),
        ({"quantity": "1E+35", "price": "1E+39"}, None),
        ({"quantity": "1E+35", "price": "1E-39"}, "not a multiple of 0.01"),
    ],
)
def test_an_order_off_the_grid_is_refused_with_what_was_expected(changes, says):
    if says is None:
        AAPL.check(order(**changes))
        return
    with pytest.raises(ValidationError, match=f"AAPL: .*{says}"):
        AAPL.check(order(**changes))


@pytest.mark.parametrize("text", ["Sell Short", "SELL_SHORT", "SellShort", "sell_short"])
def test_a_side_is_read_in_every_spelling(text):
    assert Side.parse(text) is Side.SELL_SHORT


@pytest.mark.parametrize("side", ["", "HOLD", 5, None])
def test_what_names_no_side_is_a_clear_refusal(side):
    with pytest.raises(PydanticError, match=r"unknown side .*BUY, SELL, SELL_SHORT, BUY_TO_COVER"):
        order(side=side)
