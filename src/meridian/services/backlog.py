"""What happened, numbered, for readers that come later or wait: bounded, and gaps are told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Backlog", "Page"]

Item = TypeVar("Item")
Found = TypeVar("Found")


class Page(NamedTuple, Generic[Found]):
    """What a reader gets: the finds, what to ask ``after`` next, how many items it missed."""

    items: list[Found]
    next: int
    lost: int


class Backlog(Generic[Item]):
    """The last ``limit`` items, numbered from 1.

    ``items`` may be extended by anybody on the loop; ``tell`` then wakes who waits.
    """

    def __init__(self, limit: int) -> None:
        self._items: deque[Item] = deque(maxlen=limit)
        self._last = 0
        self._forgotten = 0
        self._waiting: set[asyncio.Event] = set()

    @property
    def last(self) -> int:
        """The number of the newest item."""
        return self._last

    def add(self, items: Iterable[Item], count: int) -> None:
        """Keep ``count`` items and wake who waits for them."""
        self._items.extend(items)
        self._last += count
        for waiting in self._waiting:
            waiting.set()

    def forget(self) -> None:
        """Forget all; a reader that comes later has missed nothing. Numbers go on."""
        self._items.clear()
        self._forgotten = self._last

    def after(self, number: int) -> Iterator[tuple[int, Item]]:
        """The items with a higher number, oldest first."""
        first = self._last - len(self._items) + 1
        skipped = max(number - first + 1, 0)
        return enumerate(islice(self._items, skipped, None), first + skipped)

    def page(
        self, after: int, limit: int, find: Callable[[int, Item], Found | None]
    ) -> Page[Found]:
        """Up to ``limit`` finds among the items after ``after``, and where to go on."""
        oldest = self._last - len(self._items)
        lost = max(oldest - max(after, self._forgotten), 0)
        items: list[Found] = []
        reached = max(min(after, self._last), oldest)
        for number, item in self.after(after):
            if len(items) >= limit:
                break
            found = find(number, item)
            if found is not None:
                items.append(found)
            reached = number
        return Page(items, reached, lost)

    async def wait_page(
        self,
        after: int,
        limit: int,
        find: Callable[[int, Item], Found | None],
        patience: float,
    ) -> Page[Found]:
        """As ``page``; where that finds nothing, wait up to ``patience`` s for what comes."""
        page = self.page(after, limit, find)
        if page.items or page.lost or patience <= 0:
            return page
        news = asyncio.Event()
        self._waiting.add(news)
        try:
            async with asyncio.timeout(patience):
                while not page.items:
                    await news.wait()
                    news.clear()
                    page = self.page(page.next, limit, find)
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(news)
        return page
