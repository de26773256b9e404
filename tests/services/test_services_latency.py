"""What would break: a venue that is to be slow and is not, or is slow to the wrong client."""

from __future__ import annotations

import random

import pytest
from desk import Desk

from meridian.client import CommandInvalid, NotFound
from meridian.fix.fault import Direction, Fault, FaultKind
from meridian.management.latency import (
    FixedLatency,
    LatencyDefinition,
    NormalLatency,
    RangeLatency,
    SpikyLatency,
)
from meridian.schema.times import NS_PER_SECOND
from meridian.services import venue_latency
from meridian.services.venue_latency import Latencies, LatentFaults, draw
from meridian.testing import LocalSimulator, small_venue

MS = NS_PER_SECOND // 1_000
FIXED = {"type": "fixed", "seconds": "0.05"}


def raw(seq, msg_type="8"):
    return f"8=FIX.4.4|9=1|35={msg_type}|34={seq}|10=000|".replace("|", "\x01").encode()


def drawn(model, seed=1, count=1_000):
    dice = random.Random(seed)
    return [draw(model, dice) for _ in range(count)]


def test_every_shape_stays_within_its_figures():
    assert set(drawn(FixedLatency(seconds="0.003"))) == {3 * MS}
    ranged = drawn(RangeLatency(low="0.001", high="0.002"))
    assert min(ranged) >= MS
    assert max(ranged) <= 2 * MS
    assert len(set(ranged)) > 900
    normal = drawn(NormalLatency(mean="0.001", deviation="0.001"))
    assert min(normal) == 0
    assert sum(ns > MS for ns in normal) > 400
    spiky = drawn(SpikyLatency(usual="0.001", spike="1", per_mille=100))
    assert set(spiky) == {MS, 1_000 * MS}
    assert 50 < spiky.count(1_000 * MS) < 200


def test_the_same_seed_is_the_same_day():
    model = RangeLatency(low=0, high=1)
    assert drawn(model, seed=3) == drawn(model, seed=3)
    assert drawn(model, seed=3) != drawn(model, seed=4)


def test_the_closest_scope_counts():
    latencies = Latencies()
    for number, scope in enumerate([(None, None), (None, "8"), ("A", None), ("A", "8")], 1):
        latencies.set(*scope, FixedLatency(seconds=number))
    found = {
        scope: latencies.model(*scope).seconds
        for scope in [("A", "8"), ("A", "9"), ("B", "8"), ("B", "9")]
    }
    assert found == {("A", "8"): 4, ("A", "9"): 3, ("B", "8"): 2, ("B", "9"): 1}


def test_what_comes_behind_a_slow_message_waits_for_it():
    faults = LatentFaults(random.Random(1), lambda kind: 5 * MS if kind == "8" else 0)
    assert faults.sent(raw(1, "0"), 0) == [raw(1, "0")]
    assert faults.sent(raw(2), 0) == []
    assert faults.sent(raw(3, "0"), 1) == []
    assert faults.next_deadline() == 5 * MS
    assert faults.due_out(5 * MS - 1) == []
    assert faults.due_out(5 * MS) == [raw(2), raw(3, "0")]
    assert [faults.held(raw(2)), faults.held(raw(3, "0"))] == [5 * MS, 0]


def test_a_dead_line_delivers_nothing_late():
    faults = LatentFaults(random.Random(1), lambda _: 5)
    faults.sent(raw(1), 0)
    faults.arm(Fault("dead", FaultKind.HALF_OPEN, Direction.OUT, hold=100))
    faults.sent(raw(2), 1)
    assert faults.due_out(50) == []
    assert faults.next_deadline() == 101
    faults.drop_connection()
    assert faults.due_out(200) == []


@pytest.fixture
def slow():
    with LocalSimulator.start(small_venue()) as venue:
        venue.execute("set_latency", comp_id="TRADER", msg_type="8", model=FIXED)
        yield venue


def test_a_report_is_held_and_the_journal_says_for_how_long(slow):
    with Desk(slow.connection("TRADER")) as desk:
        desk.order("a1")
        desk.wait(t35="8", t150="0")
    sent = slow.execute("read_journal", direction="out", wait=0)["items"]
    assert [(each["msg_type"], each["held"]) for each in sent] == [("A", 0), ("8", 50 * MS)]
    assert slow.execute("read_events")["items"][-1]["type"] != "lost"


def test_others_are_served_at_once(slow):
    with Desk(slow.connection("VIEWER")) as desk:
        desk.order("a1")
        desk.wait(t35="8", t150="0")
    sent = slow.execute("read_journal", direction="out")["items"]
    assert {each["held"] for each in sent} == {0}


def test_it_ends_when_it_is_taken_away(slow):
    assert len(slow.execute("list_latencies")["items"]) == 1
    gone = slow.execute("set_latency", comp_id="TRADER", msg_type="8", model=None)
    assert gone["items"] == []
    with Desk(slow.connection("TRADER")) as desk:
        desk.order("a1")
        desk.wait(t35="8", t150="0")
    sent = slow.execute("read_journal", direction="out")["items"]
    assert {each["held"] for each in sent} == {0}


def test_new_dice_lose_nothing_that_is_on_its_way(slow):
    slow.execute("set_latency", comp_id="TRADER", msg_type="8", model={**FIXED, "seconds": "0.3"})
    with Desk(slow.connection("TRADER")) as desk:
        desk.order("a1")
        slow.next_order(timeout=20)
        slow.execute("set_seed", seed=9)
        assert desk.wait(t35="8", t150="0").get(11) == "a1"


def test_a_file_sets_latencies_and_a_state_keeps_them(tmp_path):
    definition = LatencyDefinition(msg_type="W", model=FixedLatency(seconds="0.01"))
    changes = {"latencies": (definition,), "persist": str(tmp_path / "venue.db")}
    for _ in range(2):
        with LocalSimulator.start(small_venue().model_copy(update=changes)) as venue:
            items = venue.execute("list_latencies")["items"]
            assert [each["msg_type"] for each in items] == ["W"]
        changes.pop("latencies", None)


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        ({"type": "fixed", "seconds": 61}, "60"),
        ({"type": "fixed", "seconds": -1}, "0"),
        ({"type": "range", "low": 2, "high": 1}, "at least low"),
        ({"type": "slow"}, "type"),
    ],
)
def test_a_latency_that_cannot_be_is_refused(slow, model, complaint):
    with pytest.raises(CommandInvalid, match=complaint):
        slow.execute("set_latency", model=model)


def test_a_latency_of_nobody_is_refused(slow):
    with pytest.raises(NotFound, match="NOBODY"):
        slow.execute("set_latency", comp_id="NOBODY", model=FIXED)


def test_there_is_an_end_to_them(monkeypatch):
    monkeypatch.setattr(venue_latency, "MAX_LATENCIES", 1)
    latencies = Latencies()
    latencies.set("A", None, FixedLatency(seconds=1))
    latencies.set("A", None, FixedLatency(seconds=2))
    with pytest.raises(venue_latency.ConflictError, match="at most 1"):
        latencies.set("B", None, FixedLatency(seconds=1))
