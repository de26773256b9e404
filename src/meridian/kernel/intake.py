"""API calls into records: validation first, so that a refused call stores nothing."""

from __future__ import annotations

import json
from typing import Any

from meridian.kernel.models import Desired
from meridian.kernel.records import (
    GroupPlaced,
    IntentCancelled,
    IntentModified,
    IntentPlaced,
    Record,
)
from meridian.kernel.state import KernelState
from meridian.kernel.tracked import Tracked
from meridian.schema.errors import ConflictError, NotFoundError, ValidationError
from meridian.schema.order_spec import StandardOrder, StandardOrderGroup, SymbolMetadata

__all__ = ["cancel", "cancel_all", "find", "modify", "place", "place_group"]

Symbols = dict[str, SymbolMetadata]

MAX_OPEN_INTENTS = 100_000
"""Unfinished intents one kernel holds; placing more is refused."""

MAX_ID_LENGTH = 64
"""Longest intent id a caller may choose, in characters."""

MAX_METADATA = 65_536
"""Largest metadata of an intent, in bytes of JSON."""


def find(state: KernelState, intent_id: str) -> Tracked:
    """The intent of that id. Raises NotFoundError."""
    tracked = state.intents.get(intent_id)
    if tracked is None:
        raise NotFoundError(f"no intent {intent_id!r}")
    return tracked


def place(
    state: KernelState,
    symbols: Symbols,
    order: StandardOrder,
    now: int,
    *,
    metadata: dict[str, Any] | None = None,
    intent_id: str | None = None,
) -> tuple[str, list[Record]]:
    """Records for one order; none where ``intent_id`` already stands for the same order.

    Raises:
        ValidationError: unknown symbol, constraint violated, kernel full, or an id or metadata that
            cannot be kept.
        ConflictError: ``intent_id`` stands for another order.
    """
    if intent_id is not None and (known := state.intents.get(intent_id)) is not None:
        if known.placed == order:
            return intent_id, []
        raise ConflictError(f"intent {intent_id!r} exists with another order")
    _check(state, symbols, [order])
    ordinal = len(state.intents) + 1
    chosen = _intent_id(state, ordinal) if intent_id is None else _chosen_id(state, intent_id)
    record = IntentPlaced(
        at=now, intent_id=chosen, ordinal=ordinal, order=order, metadata=_as_journaled(metadata)
    )
    return chosen, [record]


def place_group(
    state: KernelState,
    symbols: Symbols,
    group: StandardOrderGroup,
    now: int,
    metadata: dict[str, Any] | None = None,
) -> tuple[list[str], list[Record]]:
    """Records for a whole group. Raises ValidationError as :func:`place`."""
    _check(state, symbols, list(group.orders))
    kept = _as_journaled(metadata)
    first = len(state.intents) + 1
    group_id = f"{state.namespace}-G{first}"
    ids = [_intent_id(state, first + offset) for offset in range(len(group.orders))]
    records: list[Record] = [
        GroupPlaced(at=now, group_id=group_id, mode=group.mode, intent_ids=tuple(ids))
    ]
    records += [
        IntentPlaced(
            at=now,
            intent_id=intent_id,
            ordinal=first + offset,
            order=order,
            group_id=group_id,
            metadata=kept,
        )
        for offset, (intent_id, order) in enumerate(zip(ids, group.orders, strict=True))
    ]
    return ids, records


def modify(
    state: KernelState,
    symbols: Symbols,
    intent_id: str,
    order: StandardOrder,
    now: int,
    *,
    if_generation: int | None = None,
) -> list[Record]:
    """Record for another price or TOTAL quantity; none where nothing changes.

    Raises:
        NotFoundError: no such intent.
        ConflictError: not at ``if_generation`` any more.
        ValidationError: finished or cancelled intent, constraint violated, or a change of
            anything but price and quantity.
    """
    tracked = find(state, intent_id)
    intent = tracked.intent
    if if_generation is not None and if_generation != intent.generation:
        raise ConflictError(
            f"intent {intent_id!r} is at generation {intent.generation}, not {if_generation}"
        )
    if tracked.closed is not None:
        raise ValidationError(f"intent {intent_id!r} is finished: {tracked.closed}")
    if intent.desired is Desired.CANCELED:
        raise ValidationError(f"intent {intent_id!r} is being cancelled")
    for name in ("symbol_id", "side", "order_type", "time_in_force"):
        old, new = getattr(intent.order, name), getattr(order, name)
        if old != new:
            raise ValidationError(f"a modify cannot change {name} from {old} to {new}")
    if order == intent.order:
        return []
    _check(state, symbols, [order])
    generation = intent.generation + 1
    return [IntentModified(at=now, intent_id=intent_id, generation=generation, order=order)]


def cancel(tracked: Tracked, now: int, cause: str) -> list[Record]:
    """Record for a cancel; none where the intent is finished or already being cancelled."""
    if tracked.closed is not None or tracked.intent.desired is Desired.CANCELED:
        return []
    intent = tracked.intent
    generation = intent.generation + 1
    return [IntentCancelled(at=now, intent_id=intent.intent_id, generation=generation, cause=cause)]


def cancel_all(state: KernelState, symbol_id: str | None, now: int) -> list[Record]:
    """Records for every open intent, UNKNOWN ones included."""
    records: list[Record] = []
    for tracked in state.open.values():
        if symbol_id is None or tracked.intent.order.symbol_id == symbol_id:
            records += cancel(tracked, now, "cancel_all")
    return records


def _check(state: KernelState, symbols: Symbols, orders: list[StandardOrder]) -> None:
    if len(state.open) + len(orders) > MAX_OPEN_INTENTS:
        raise ValidationError(f"more than {MAX_OPEN_INTENTS} open intents")
    for order in orders:
        symbol = symbols.get(order.symbol_id)
        if symbol is None:
            known = ", ".join(sorted(symbols)) or "none"
            raise ValidationError(f"unknown symbol {order.symbol_id!r}; this venue trades: {known}")
        symbol.check(order)


def _intent_id(state: KernelState, ordinal: int) -> str:
    return f"{state.namespace}-{ordinal}"


def _chosen_id(state: KernelState, intent_id: str) -> str:
    """The caller's own id; never one that this kernel will make itself."""
    if not 1 <= len(intent_id) <= MAX_ID_LENGTH or not intent_id.isprintable():
        raise ValidationError(
            f"intent_id {intent_id[:MAX_ID_LENGTH]!r}: expected 1 to {MAX_ID_LENGTH} "
            "printable characters"
        )
    if intent_id.startswith(f"{state.namespace}-"):
        raise ValidationError(
            f"intent_id {intent_id!r}: names beginning with {state.namespace}- are the kernel's own"
        )
    return intent_id


def _as_journaled(metadata: dict[str, Any] | None) -> dict[str, Any]:
    """A copy as it will be read back: the state is the same before and after a restart."""
    try:
        text = json.dumps(metadata or {}, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise ValidationError(f"metadata: expected values that JSON can hold: {error}") from None
    if size > MAX_METADATA:
        raise ValidationError(f"metadata: {size} bytes of JSON, expected at most {MAX_METADATA}")
    kept: dict[str, Any] = json.loads(text)
    return kept
