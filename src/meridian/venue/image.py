"""All that a venue knows, as plain values, to keep and to go on from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from meridian.book import OrderBook, Phase
from meridian.venue.commands.administration import Mode
from meridian.venue.core import Core
from meridian.venue.executions import Match
from meridian.venue.instrument import Instrument
from meridian.venue.market import Market
from meridian.venue.order import Order, RejectedOrder

__all__ = [
    "Counts",
    "Image",
    "LinkImage",
    "MarketImage",
    "MatchImage",
    "OpenImage",
    "rebuild",
    "take",
]


class Counts(NamedTuple):
    """How far ids have come, whose flow is the venue's own, what is due when."""

    orders: int
    executions: int
    matches: int
    remembered: int
    house: tuple[str, ...]
    due: tuple[tuple[int, str], ...]
    accounts: tuple[tuple[str, str], ...]
    """Participant and account, by the book's number for them; "" for none."""


class MarketImage(NamedTuple):
    """One instrument; ``book`` is the book's own snapshot."""

    instrument: Instrument
    phase: Phase
    mode: Mode
    last_price: int
    next_phase_at: int | None
    book: str


class LinkImage(NamedTuple):
    """A client id and the number of its order."""

    participant: str
    cl_ord_id: str
    number: int


class OpenImage(NamedTuple):
    """The working orders of a participant, in the order in which they are told."""

    participant: str
    numbers: tuple[int, ...]


class MatchImage(NamedTuple):
    """A match, and the numbers of the executions that tell of it."""

    match_id: str
    symbol: str
    price: int
    quantity: int
    busted: bool
    sides: tuple[tuple[int, str], ...]
    numbers: tuple[int, ...]


class Image(NamedTuple):
    """Everything but the run's word and what the venue offers, which whoever keeps it knows."""

    counts: tuple[Counts, ...]
    """One."""
    markets: tuple[MarketImage, ...]
    orders: tuple[Order, ...]
    links: tuple[LinkImage, ...]
    rejected: tuple[RejectedOrder, ...]
    open: tuple[OpenImage, ...]
    matches: tuple[MatchImage, ...]


def take(core: Core) -> Image:
    """The image of a venue as it is."""
    registry = core.registry
    links, rejected = [], []
    for (participant, cl_ord_id), target in registry.links.items():
        if isinstance(target, int):
            links.append(LinkImage(participant, cl_ord_id, target))
        else:
            rejected.append(target)
    return Image(
        counts=(_counts(core),),
        markets=tuple(map(_market, core.markets.values())),
        orders=tuple(registry.orders.values()),
        links=tuple(links),
        rejected=tuple(rejected),
        open=tuple(OpenImage(who, tuple(live)) for who, live in registry.open.items()),
        matches=_matches(core),
    )


def rebuild(core: Core, image: Image) -> None:
    """Fill the core of a venue that was never used.

    Raises:
        ValueError: a book's snapshot cannot be read.
    """
    (counts,) = image.counts
    core.ids.orders, core.ids.executions, core.ids.matches = counts[:3]
    for kept in image.markets:
        _open(core, kept)
    core.agenda(counts.due)
    for number, (participant, account) in enumerate(counts.accounts, 1):
        if core.account(participant, account) != number:
            raise ValueError(f"account {number}, of {participant}: there twice")
    registry = core.registry
    registry.house.update(counts.house)
    registry.orders.update((order.number, order) for order in image.orders)
    registry.links.update(((p, cl_ord_id), number) for p, cl_ord_id, number in image.links)
    registry.links.update(((each.participant, each.cl_ord_id), each) for each in image.rejected)
    registry.remember(counts.remembered, image.open)
    _fill_ledger(core, image.matches)


def _counts(core: Core) -> Counts:
    ids = core.ids
    return Counts(
        orders=ids.orders,
        executions=ids.executions,
        matches=ids.matches,
        remembered=core.registry.remembered,
        house=tuple(sorted(core.registry.house)),
        due=core.appointments,
        accounts=tuple(key if isinstance(key, tuple) else (key, "") for key in core.accounts),
    )


def _market(market: Market) -> MarketImage:
    return MarketImage(
        market.instrument,
        market.phase,
        market.mode,
        market.last_price,
        market.next_phase_at,
        market.book.snapshot().decode("ascii"),
    )


def _open(core: Core, kept: MarketImage) -> None:
    market = Market(kept.instrument, core.features)
    market.phase, market.mode = kept.phase, kept.mode
    market.last_price, market.next_phase_at = kept.last_price, kept.next_phase_at
    market.book = OrderBook.restore(kept.book.encode("ascii"))
    core.open_market(market)


def _matches(core: Core) -> tuple[MatchImage, ...]:
    numbers: dict[int, list[int]] = {}
    found: dict[int, Match] = {}
    for number, match in core.ledger.items():
        found[id(match)] = match
        numbers.setdefault(id(match), []).append(number)
    return tuple(
        MatchImage(
            match.match_id,
            match.symbol,
            match.price,
            match.quantity,
            match.busted,
            tuple(match.sides.items()),
            tuple(numbers[key]),
        )
        for key, match in found.items()
    )


def _fill_ledger(core: Core, images: Iterable[MatchImage]) -> None:
    rows: list[tuple[int, Match]] = []
    for image in images:
        match = Match(image.match_id, image.symbol, image.price, image.quantity)
        match.busted = image.busted
        match.sides.update(image.sides)
        rows += [(number, match) for number in image.numbers]
    core.ledger.fill(sorted(rows, key=lambda row: row[0]))
