"""What Python code is told about a book: records, queues, and whether all of it adds up."""

from libc.stdint cimport int64_t, uint32_t

from meridian.book._levels cimport Level, Lots, Side
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
    cdef Level* level = &book.levels.at[place]
    cdef list found = []
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
    """Raise AssertionError where prices, links and pages disagree; the levels, best first."""
    cdef uint32_t at = side.best
    cdef uint32_t page, place
    cdef list linked = []
    cdef list paged = []
    cdef list ranks = []
    while at:
        linked.append(at)
        if book.levels.at[at].worse:
            assert book.levels.at[book.levels.at[at].worse].better == at, "links"
        at = book.levels.at[at].worse
    for page in range(side.page_count):
        for place in range(side.pages[page].count):
            assert side.pages[page].ranks[place] >= side.pages[page].low
            at = side.pages[page].levels[place]
            paged.append(at)
            ranks.append(side.pages[page].ranks[place])
            assert book.levels.at[at].price * side.sign == side.pages[page].ranks[place]
    assert ranks == sorted(set(ranks)), "price order"
    assert not ranks or max(ranks) == side.best_rank
    assert linked == list(reversed(paged)), "links and pages"
    return linked


cdef inline list check_level(Book* book, Side* side, uint32_t place):
    """Raise AssertionError where a level contradicts itself; the slots of its orders."""
    cdef Level* level = &book.levels.at[place]
    cdef Order* order
    cdef uint32_t slot
    cdef int64_t seq = 0
    visible = aside = 0
    cdef uint32_t displayed = 0
    slots = slots_of(book, place)
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
