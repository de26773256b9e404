"""kill -9 of a venue under load: orders, numbers and trades outlive it."""

import pytest
from venue_lives import play

KILLS = 4


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_order_number_or_trade_is_lost_or_made_up(seed, tmp_path):
    orders, reports = await play(tmp_path, KILLS, seed)
    assert orders > 100
    assert reports > orders
