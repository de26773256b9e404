"""ITCH 5.0 from literal bytes, and from what Nasdaq sent."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meridian.nasdaq import (
    AddOrder,
    CancelOrder,
    DeleteOrder,
    ExecuteOrder,
    ItchError,
    OtherMessage,
    ReplaceOrder,
    itch_messages,
)

# locate 13, tracking 2, 09:30:00.000000001 after midnight
HEADER = "000d 0002 1f1a ced9 f001"
TIME = 34_200_000_000_001
REF = "0000 0000 0000 2a01"


def block(kind: str, body: str) -> bytes:
    message = kind.encode() + bytes.fromhex(HEADER + body)
    return len(message).to_bytes(2, "big") + message


def one(kind: str, body: str):
    (message,) = itch_messages(block(kind, body))
    return message


def test_the_header_is_read_as_the_standard_lays_it_out():
    assert one("D", REF) == DeleteOrder(locate=13, timestamp=TIME, reference=0x2A01)


def test_an_added_order():
    body = REF + "42 00000064 4141504c20202020 0031cc1c"
    assert one("A", body) == AddOrder(13, TIME, 0x2A01, True, 100, "AAPL", 3_263_516)


def test_an_added_order_with_attribution_of_the_sell_side():
    body = REF + "53 00000064 4d53465420202020 0031cc1c 4e534451"
    assert one("F", body) == AddOrder(13, TIME, 0x2A01, False, 100, "MSFT", 3_263_516)


def test_executions_at_the_orders_price_and_at_another():
    plain = REF + "00000032 0000000000000007"
    assert one("E", plain) == ExecuteOrder(13, TIME, 0x2A01, 50, 7, None, True)
    priced = plain + "4e 0031cc1c"
    assert one("C", priced) == ExecuteOrder(13, TIME, 0x2A01, 50, 7, 3_263_516, False)


def test_a_partial_cancel_and_a_replace():
    assert one("X", REF + "0000000a") == CancelOrder(13, TIME, 0x2A01, 10)
    body = REF + "0000000000002a02 000000c8 0031cc1c"
    assert one("U", body) == ReplaceOrder(13, TIME, 0x2A01, 0x2A02, 200, 3_263_516)


def test_messages_that_move_no_book_are_named_and_passed_over():
    data = block("S", "4f") + block("D", REF)
    assert list(itch_messages(data)) == [
        OtherMessage(13, TIME, "S"),
        DeleteOrder(13, TIME, 0x2A01),
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x00", "offset 0: expected a 2-byte block length"),
        (b"\x00\x13D", "offset 0: block of 19 bytes expected, 1 left"),
        (b"\x00\x00", "offset 0: expected a message, the block is empty"),
        (b"\x00\x01z", "offset 2: unknown ITCH 5.0 message type 0x7a"),
        (b"\x00\x02DD", "offset 2: message D has 2 bytes, expected 19"),
        (block("D", REF) + b"\x00\x01", "offset 21: block of 1 bytes expected, 0 left"),
        (block("A", REF + "43" + "00" * 16), "offset 21: side b'C', expected B or S"),
    ],
)
def test_bytes_that_are_not_itch_name_the_offset(data, says):
    with pytest.raises(ItchError) as caught:
        list(itch_messages(data))
    assert says in str(caught.value)


@given(st.binary(max_size=80))
def test_garbage_is_an_error_or_messages_and_nothing_else(data):
    try:
        list(itch_messages(data))
    except ItchError:
        pass


@given(st.lists(st.sampled_from(["S", "D", "X"]), max_size=5), st.integers(0, 200))
def test_a_file_cut_anywhere_gives_what_came_whole_before(kinds, cut):
    bodies = {"S": "4f", "D": REF, "X": REF + "00000001"}
    blocks = [block(kind, bodies[kind]) for kind in kinds]
    data = b"".join(blocks)[:cut]
    seen = []
    try:
        for message in itch_messages(data):
            seen.append(message)
    except ItchError:
        assert sum(map(len, blocks[: len(seen)])) < len(data)
    else:
        assert b"".join(blocks[: len(seen)]) == data


def test_a_recorded_morning_decodes_whole(shared):
    data = shared / "data" / "itch" / ("nasdaq-20200130-aapl-10k.itch")
    messages = list(itch_messages(data.read_bytes()))
    assert len(messages) == 10_000
    kinds = Counter(type(message).__name__ for message in messages)
    assert kinds == {
        "AddOrder": 4760,
        "DeleteOrder": 4083,
        "ExecuteOrder": 849,
        "ReplaceOrder": 7,
        "CancelOrder": 6,
        "OtherMessage": 295,
    }
    assert {m.stock for m in messages if isinstance(m, AddOrder)} == {"AAPL"}
    times = [message.timestamp for message in messages]
    assert times == sorted(times)
