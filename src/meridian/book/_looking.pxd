"""What Python code is told about a book: records, queues, and whether all of it adds up."""

from libc.stdint cimport int64_t, uint32_t

from meridian.book._levels cimport (
    NO_RANK, Level, Lots, Side, Walk, from_best, next_level,
)
from meridian.book._matching cimport Book
from meridian.book._orders cimport (
    EXTRA_FLAG, HIDDEN_FLAG, TIF_SHIFT, Extra, Order, reserve_of,
)


cdef inline object exactly(const Lots* lots):
    """The lots as a Python integer."""
    return lots.low + (<object>lots.high << 64) if lots.high else lots.low


cdef inline tuple record_of(Book* book, uint32_t slot):
    cdef Order* order = &book.orders.at[slot]
    cdef bint hidden = order.flags & HIDDEN_FLAG
    cdef Extra extra = Extra(0, 0, 0, 0)
    if order.flags & EXTRA_FLAG:
        extra = book.orders.extra[slot]
    return (
        order.order_id, book.levels.at[order.level].sign, order.price,
        0 if hidden else order.open, order.open if hidden else extra.reserve, extra.display,
        1 if hidden else 0, order.executed + order.open + extra.reserve, order.executed,
        order.account, extra.session, extra.broker, order.flags >> TIF_SHIFT,
    )


cdef inline list slots_of(Book* book, uint32_t place):
    """Slots of a level's orders in the sequence in which they would trade."""
    # First, as a collection may run commands.
    cdef list found = []
    cdef Level* level = &book.levels.at[place]
    cdef uint32_t slot = level.displayed.head
    while slot:
        found.append(slot)
        slot = book.orders.at[slot].next
    slot = level.hidden.head
    while slot:
        found.append(slot)
        slot = book.orders.at[slot].next
    return found


cdef inline list check_prices(Book* book, Side* side):
    """Raise AssertionError where prices, levels and pages disagree; the levels, best first."""
    cdef uint32_t at, page, place
    cdef list paged = []
    cdef list ranks = []
    cdef Walk walk = from_best(side)
    for page in range(side.page_count):
        assert page <= side.best_page or side.pages[page].count == 0, "prices beyond the best page"
        for place in range(side.pages[page].count):
            assert side.pages[page].ranks[place] >= side.pages[page].low
            at = side.pages[page].levels[place]
            paged.append(at)
            ranks.append(side.pages[page].ranks[place])
            assert book.levels.at[at].price * side.sign == side.pages[page].ranks[place]
    assert ranks == sorted(set(ranks)), "price order"
    assert side.best_rank == (ranks[-1] if ranks else NO_RANK)
    assert side.best_page == 0 or side.pages[side.best_page].count, "an empty best page"
    assert side.best == (paged[-1] if ranks else 0)
    walked = []
    at = next_level(&walk)
    while at:
        walked.append(at)
        at = next_level(&walk)
    assert walked == list(reversed(paged)), "walk and pages"
    return walked


cdef inline list check_level(Book* book, Side* side, uint32_t place):
    """Raise AssertionError where a level contradicts itself; the slots of its orders."""
    cdef list slots = slots_of(book, place)
    cdef Level* level = &book.levels.at[place]
    cdef Order* order
    cdef uint32_t slot
    cdef int64_t seq = 0
    visible = aside = 0
    cdef uint32_t displayed = 0
    assert level.sign == side.sign
    assert slots, f"empty level {level.price}"
    for slot in slots:
        order = &book.orders.at[slot]
        assert order.level == place, f"order {order.order_id} at another level"
        assert order.price == level.price
        assert order.open > 0, f"order {order.order_id} rests with nothing open"
        aside += reserve_of(&book.orders, slot)
        if order.flags & HIDDEN_FLAG:
            aside += order.open
        else:
            visible += order.open
            displayed += 1
        if slot == level.hidden.head:
            seq = 0
        assert order.seq > seq, f"time order at {level.price}"
        seq = order.seq
    assert displayed == level.displayed.orders
    assert len(slots) == displayed + level.hidden.orders
    assert visible == exactly(&level.visible)
    assert aside == exactly(&level.aside)
    return slots
