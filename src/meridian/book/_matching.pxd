"""One book's state, and what moves orders in it: resting, leaving, trading.

Functions that may need memory say so by returning False (or NO_MEMORY) before they change
anything; a sweep alone may end between two trades, each of them whole.
"""

from cpython.mem cimport PyMem_RawFree
from libc.stdint cimport int64_t, uint32_t

from meridian.book._levels cimport (
    Level, Levels, Queue, Side, at_most, close_level, fewer, find_level, free_side, more, open_level,
    push_back, unlink,
)
from meridian.book._orders cimport (
    EXTRA_FLAG, HIDDEN_FLAG, Extra, Order, Orders, free_order, free_orders, new_order, reserve_of,
    resize,
)


cdef enum:
    WIDTH = 7  # codes.ROW_WIDTH
    FIRST_ROWS = 16
    NO_MEMORY = -1


cdef enum:  # codes.Event
    REFUSED = 1
    ACCEPTED = 2
    TRADED = 3
    CANCELLED = 4
    REPLACED = 5
    REDUCED = 6
    REFRESHED = 7


ctypedef struct Rows:  # events of the command that runs, as rows
    int64_t* at
    size_t count
    size_t capacity


ctypedef struct Limits:
    int64_t lot
    int64_t tick
    int64_t least
    int64_t most
    int64_t low
    int64_t high
    uint32_t orders


ctypedef struct Book:
    Orders orders
    Levels levels
    Side bids
    Side asks
    Limits limits
    Rows rows
    int64_t seq
    int64_t trades
    int64_t last_price


cdef inline Side* side_of(Book* book, int sign) noexcept nogil:
    return &book.bids if sign == 1 else &book.asks


cdef inline bint reserve_rows(Rows* rows, size_t more) noexcept nogil:
    if rows.count + more <= rows.capacity:
        return True
    cdef size_t capacity = rows.capacity * 2 if rows.capacity else FIRST_ROWS
    if not resize(<void**>&rows.at, capacity * WIDTH, sizeof(int64_t)):
        return False
    rows.capacity = capacity
    return True


cdef inline void emit(
    Rows* rows, int64_t kind, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e
) noexcept nogil:
    """Append an event; room was reserved before."""
    cdef int64_t* row = rows.at + rows.count * WIDTH
    row[0] = kind
    row[1] = a
    row[2] = b
    row[3] = c
    row[4] = d
    row[5] = e
    row[6] = 0
    rows.count += 1


cdef inline void rest(
    Book* book, int sign, Order* order, const Extra* extra
) noexcept nogil:
    """Put an order at the back of its queue; an order and a level were reserved before.

    ``order`` carries id, price, open, executed, account and flags; ``extra`` is read if flagged.
    """
    cdef Side* side = side_of(book, sign)
    cdef uint32_t place = find_level(&book.levels, side, order.price)
    cdef uint32_t slot = new_order(&book.orders, order.order_id)
    cdef Order* record = &book.orders.at[slot]
    cdef Level* level
    if place == 0:
        place = open_level(&book.levels, side, order.price)
    level = &book.levels.at[place]
    book.seq += 1
    record.price = order.price
    record.open = order.open
    record.executed = order.executed
    record.account = order.account
    record.seq = book.seq
    record.level = place
    record.flags = order.flags
    if order.flags & EXTRA_FLAG:
        book.orders.extra[slot] = extra[0]
        more(&level.aside, extra.reserve)
    if order.flags & HIDDEN_FLAG:
        more(&level.aside, order.open)
        push_back(&book.orders, &level.hidden, slot)
    else:
        more(&level.visible, order.open)
        push_back(&book.orders, &level.displayed, slot)


cdef inline void leave(Book* book, uint32_t slot) noexcept nogil:
    """Take an order out, with whatever it has left."""
    cdef Order* order = &book.orders.at[slot]
    cdef Level* level = &book.levels.at[order.level]
    fewer(&level.aside, reserve_of(&book.orders, slot))
    if order.flags & HIDDEN_FLAG:
        fewer(&level.aside, order.open)
        unlink(&book.orders, &level.hidden, slot)
    else:
        fewer(&level.visible, order.open)
        unlink(&book.orders, &level.displayed, slot)
    if level.displayed.head == 0 and level.hidden.head == 0:
        close_level(&book.levels, side_of(book, level.sign), order.level)
    free_order(&book.orders, slot)


cdef inline int64_t leaves_of(Book* book, uint32_t slot) noexcept nogil:
    return book.orders.at[slot].open + reserve_of(&book.orders, slot)


cdef inline void shrink(Book* book, uint32_t slot, int64_t by) noexcept nogil:
    """Take lots off, reserve first; ``by`` is less than the order has left."""
    cdef Order* order = &book.orders.at[slot]
    cdef Level* level = &book.levels.at[order.level]
    cdef int64_t from_reserve = min(by, reserve_of(&book.orders, slot))
    if from_reserve:
        book.orders.extra[slot].reserve -= from_reserve
        fewer(&level.aside, from_reserve)
    order.open -= by - from_reserve
    if order.flags & HIDDEN_FLAG:
        fewer(&level.aside, by - from_reserve)
    else:
        fewer(&level.visible, by - from_reserve)


cdef inline void execute(Book* book, uint32_t slot, int64_t quantity) noexcept nogil:
    """Count lots as traded; ``quantity`` is at most what is open."""
    cdef Order* order = &book.orders.at[slot]
    cdef Level* level = &book.levels.at[order.level]
    order.open -= quantity
    order.executed += quantity
    if order.flags & HIDDEN_FLAG:
        fewer(&level.aside, quantity)
    else:
        fewer(&level.visible, quantity)


cdef inline void refresh(Book* book, uint32_t slot) noexcept nogil:
    """Show the next tranche of an iceberg whose last one is gone, at the back of the queue."""
    cdef Order* order = &book.orders.at[slot]
    cdef Extra* extra = &book.orders.extra[slot]
    cdef Level* level = &book.levels.at[order.level]
    order.open = min(extra.display, extra.reserve)
    extra.reserve -= order.open
    more(&level.visible, order.open)
    fewer(&level.aside, order.open)
    book.seq += 1
    order.seq = book.seq
    unlink(&book.orders, &level.displayed, slot)
    push_back(&book.orders, &level.displayed, slot)


cdef inline int64_t available(
    Book* book, Side* side, int64_t bound, int64_t wanted
) noexcept nogil:
    """Lots at ``bound`` (a rank) or better, counted up to ``wanted``."""
    cdef int64_t found = 0
    cdef uint32_t at = side.best
    cdef Level* level
    while at and found < wanted:
        level = &book.levels.at[at]
        if level.price * side.sign < bound:
            break
        found += at_most(&level.visible, wanted - found)
        found += at_most(&level.aside, wanted - found)
        at = level.worse
    return found


cdef inline int64_t match(
    Book* book, Side* against, int64_t aggressor_id, int64_t leaves, int64_t bound
) noexcept nogil:
    """Trade down to ``bound`` (a rank); what the aggressor has left, or NO_MEMORY."""
    cdef uint32_t place, slot
    cdef Level* level
    cdef Order* order
    cdef Queue* queue
    cdef int64_t quantity
    while leaves and against.best and against.best_rank >= bound:
        place = against.best
        level = &book.levels.at[place]
        while leaves and (level.displayed.head or level.hidden.head):
            if not reserve_rows(&book.rows, 2):
                return NO_MEMORY
            queue = &level.displayed if level.displayed.head else &level.hidden
            slot = queue.head
            order = &book.orders.at[slot]
            quantity = min(order.open, leaves)
            leaves -= quantity
            book.trades += 1
            book.last_price = level.price
            emit(
                &book.rows, TRADED, book.trades, order.order_id, aggressor_id, level.price, quantity
            )
            execute(book, slot, quantity)
            if order.open:
                break
            if reserve_of(&book.orders, slot):
                refresh(book, slot)
                emit(&book.rows, REFRESHED, order.order_id, order.open, 0, 0, 0)
            else:
                unlink(&book.orders, queue, slot)
                free_order(&book.orders, slot)
        if level.displayed.head == 0 and level.hidden.head == 0:
            close_level(&book.levels, against, place)
    return leaves


cdef inline void free_book(Book* book) noexcept nogil:
    free_orders(&book.orders)
    free_side(&book.bids)
    free_side(&book.asks)
    PyMem_RawFree(book.levels.at)
    PyMem_RawFree(book.rows.at)
