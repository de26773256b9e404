"""The whole state of a book as bytes, to keep and to start from again."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

from meridian.book.call_auction import CallAuction
from meridian.book.codes import Tif
from meridian.book.core import Core
from meridian.book.expiry import Expiry
from meridian.book.orders import Kind, Peg, SelfTrade
from meridian.book.rules import Allocation, BookRules, CollarAction, Phase
from meridian.book.working import Working

__all__ = ["read_rules", "restore", "take"]

VERSION = 2
_FIELDS = tuple(field.name for field in fields(Working))


def take(core: Core, auction: CallAuction, busted: set[int], *, level_events: bool) -> bytes:
    """Everything a book needs to go on as if nothing had happened, except its dice; JSON."""
    resting = [*core.side(1), *core.side(-1)]
    state = {
        "version": VERSION,
        "rules": asdict(core.rules),
        "level_events": level_events,
        "phase": core.phase,
        "last_price": core.ladder.last_price,
        "trades": core.ladder.trades,
        "entries": core.entries,
        "triggered": list(core.aside.triggered),
        "pegs": list(core.pegs),
        "published": auction.published,
        "busted": sorted(busted),
        "resting": [[*_row(order), _visible(core, order)] for order in resting],
        "aside": [_row(order) for order in core.aside.orders.values()],
    }
    return json.dumps(state, separators=(",", ":")).encode("ascii")


def read_rules(data: bytes) -> tuple[BookRules, bool]:
    """The rules of a kept book, and whether it has level events.

    Raises:
        ValueError: these are not the bytes of a kept book.
    """
    state = _read(data)
    rules = dict(state["rules"])
    rules["tick_table"] = tuple((start, tick) for start, tick in rules["tick_table"])
    _integers(number for row in rules["tick_table"] for number in row)
    optional = ("collar", "reference_price")
    given = [name for name in rules if name not in optional or rules[name] is not None]
    _integers(rules[name] for name in given if name != "tick_table")
    rules["allocation"] = Allocation(rules["allocation"])
    rules["collar_action"] = CollarAction(rules["collar_action"])
    rules["phase"] = Phase(rules["phase"])
    return BookRules(**rules), state["level_events"]


def restore(data: bytes, core: Core, auction: CallAuction, expiry: Expiry) -> set[int]:
    """Fill an empty book's parts; returns the busted trades.

    Raises:
        ValueError: these are not the bytes of a kept book.
    """
    state = _read(data)
    core.phase = Phase(state["phase"])
    counts = _integers([state["last_price"], state["trades"], state["entries"]])
    core.ladder.last_price, core.ladder.trades, core.entries = counts
    price, volume, surplus = _integers(state["published"])
    auction.published = (price, volume, surplus)
    for *row, visible in map(_integers, state["resting"]):
        order = _order(row)
        core.rest(order)
        if not order.hidden and visible != order.shown:
            core.ladder.retranche(order.order_id, visible)
    for row in map(_integers, state["aside"]):
        core.aside.add(_order(row))
    live = {**core.special, **core.aside.orders}
    core.pegs = {order_id: live[order_id] for order_id in state["pegs"]}
    for order_id in state["triggered"]:
        core.aside.trigger(core.aside.stops[order_id])
    for order in live.values():
        if order.refresh_range and core.dice is None:
            raise ValueError(f"order {order.order_id}: its tranches need dice")
        expiry.watch(order)
    return set(_integers(state["busted"]))


def _read(data: bytes) -> dict[str, Any]:
    try:
        state = json.loads(data)
    except ValueError as error:
        raise ValueError(f"expected JSON: {error}") from error
    if not isinstance(state, dict) or state.get("version") != VERSION:
        raise ValueError(f"expected an object of version {VERSION}")
    return state


def _integers(values: Any) -> list[int]:
    """The values, all of them integers."""
    for value in values:
        if type(value) is not int:
            raise ValueError(f"expected integers, got {value!r}")
    return list(values)


def _visible(core: Core, order: Working) -> int:
    record = core.ladder.record(order.order_id)
    return record[3] if record else 0


def _row(order: Working) -> list[int]:
    return [int(getattr(order, name) or 0) for name in _FIELDS]


def _order(row: list[int]) -> Working:
    values: dict[str, Any] = dict(zip(_FIELDS, row, strict=True))
    values["kind"] = Kind(values["kind"])
    values["tif"] = Tif(values["tif"])
    values["peg"] = Peg(values["peg"]) if values["peg"] else None
    values["self_trade"] = SelfTrade(values["self_trade"])
    for name in ("hidden", "all_or_none", "post_only", "dormant"):
        values[name] = bool(values[name])
    return Working(**values)
