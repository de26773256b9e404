"""From every deliberate fault both sides come back: each order and report once, in order.

Where the standard lets the session live it lives; where it ends the session, the next connection
carries on.
"""

from __future__ import annotations

from random import Random

import pytest
from fix_pair import Pair
from fix_wire import SECOND

from meridian.fix import Direction, Fault, FaultKind, Faults

ROUNDS = 12

TOO_LOW = "MsgSeqNum too low"
SILENT = "the peer is silent and left a TestRequest unanswered"

LIVES = ""
"""The session outlives the fault."""

CASES = [
    ("bad_checksum", "out", {"count": 3}, LIVES),
    ("bad_checksum", "out", {"per_mille": 300}, LIVES),
    ("bad_length", "out", {"count": 3}, LIVES),
    ("bad_length", "out", {"count": 3, "amount": -1}, LIVES),
    ("garbage", "out", {"amount": 20}, LIVES),
    ("split", "out", {}, LIVES),
    ("split", "out", {"amount": 7, "msg_types": frozenset()}, LIVES),
    ("drop", "out", {"count": 3}, LIVES),
    ("drop", "in", {"count": 3}, LIVES),
    ("drop", "out", {"per_mille": 300}, LIVES),
    ("duplicate", "out", {"count": 1}, TOO_LOW),
    ("duplicate", "in", {"count": 1}, TOO_LOW),
    ("reorder", "out", {"count": 3}, LIVES),
    ("reorder", "in", {"count": 3}, LIVES),
    ("delay", "out", {"count": 3, "hold": 2 * SECOND}, LIVES),
    ("delay", "in", {"count": 3, "hold": 2 * SECOND}, LIVES),
    ("delay", "out", {"count": 1, "hold": 60 * SECOND}, SILENT),
    ("ignore_resend_request", "in", {"count": 1}, LIVES),
    ("ignore_resend_request", "in", {}, "no answer to ResendRequest"),
    ("sequence_gap", "out", {"amount": 100}, LIVES),
    ("mute_heartbeats", "out", {}, SILENT),
    ("half_open", "out", {"hold": 0, "count": 1}, SILENT),
    ("half_open", "in", {"hold": 2 * SECOND, "count": 1}, LIVES),
    ("disconnect", "out", {"after": 2, "count": 1}, "fault"),
    ("disconnect", "in", {"after": 2, "count": 1}, "fault"),
]


def trade(pair, rounds):
    """Orders one way and reports the other, a second apart, and then a while of nothing."""
    for n in rounds:
        for side, msg_type in ((pair.trader, "D"), (pair.venue, "8")):
            side.session.send(msg_type, [(11, f"{msg_type}{n}")], pair.now)
        pair.exchange()
        pair.wait(1)
    pair.wait(90)


def assert_whole(pair):
    assert pair.up
    orders = [int(name[1:]) for name in pair.venue.received]
    reports = [int(name[1:]) for name in pair.trader.received]
    assert orders == reports == list(range(len(orders)))
    assert pair.trader.store.next_in == pair.venue.store.next_out
    assert pair.venue.store.next_in == pair.trader.store.next_out


def arm(side, kind, direction, scope, seed=1):
    """On one side's application messages; ResendRequests are provoked by losing some."""
    kind = FaultKind(kind)
    faults = side.session.faults = Faults(Random(seed))
    if kind is FaultKind.IGNORE_RESEND_REQUEST:
        lost = Fault("lost", FaultKind.DROP, msg_types=frozenset("D8"), count=2)
        faults.arm(lost)
    elif kind is not FaultKind.MUTE_HEARTBEATS:
        scope = {"msg_types": frozenset("D8"), **scope}
    faults.arm(Fault("f", kind, Direction(direction), **scope))
    return faults


@pytest.mark.parametrize("who", ["trader", "venue"])
@pytest.mark.parametrize(("kind", "direction", "scope", "end"), CASES)
def test_both_sides_come_back_from(kind, direction, scope, end, who):
    pair = Pair()
    pair.connect()
    trade(pair, range(2))
    faults = arm(getattr(pair, who), kind, direction, scope)
    trade(pair, range(2, ROUNDS))
    assert faults.armed()[-1].hits
    reasons = [reason for side in pair.sides for reason in side.ends]
    if end == LIVES:
        assert reasons == []
    else:
        assert any(end in reason for reason in reasons), reasons
    for armed in faults.armed():
        faults.disarm(armed.fault.name)
    trade(pair, range(ROUNDS, ROUNDS + 2))
    assert_whole(pair)
    assert len(pair.venue.received) == ROUNDS + 2


@pytest.mark.parametrize("seed", range(20))
def test_both_sides_come_back_from_everything_at_once(seed):
    pair = Pair()
    pair.connect()
    for n, side in enumerate(pair.sides):
        faults = side.session.faults = Faults(Random(2 * seed + n))
        for kind in FaultKind:
            for direction in Direction:
                try:
                    fault = Fault(f"{kind}{direction}", kind, direction, per_mille=25, amount=3)
                except ValueError:
                    continue
                faults.arm(fault)
    trade(pair, range(50))
    for side in pair.sides:
        assert any(armed.hits for armed in side.session.faults.armed())
        side.session.faults = None
    pair.wait(60)
    trade(pair, range(50, 52))
    assert_whole(pair)
    assert len(pair.venue.received) == 52


def test_the_same_seed_replays_every_byte():
    def run():
        pair = Pair()
        pair.connect()
        arm(pair.venue, "garbage", "out", {"per_mille": 500, "amount": 9}, seed=5)
        arm(pair.trader, "drop", "out", {"per_mille": 300}, seed=6)
        trade(pair, range(10))
        return pair.trader.wrote, pair.venue.wrote

    assert run() == run()
