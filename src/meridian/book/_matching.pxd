"""One book's state, and what moves orders in it: resting, leaving, trading.

Functions that may need memory say so by returning False (or NO_MEMORY) before they change
anything; a sweep alone may end between two trades, each of them whole.

An order that comes or goes is known, or unknown, by its id at once. That it joins or leaves its
queue may wait for the next command to whatever book, as *work* at the desk that all books share,
while the memory that it needs is being fetched. What asks a book for more than an order of an id
has the work done first (``finish``).
"""

from cpython.mem cimport PyMem_RawFree, PyMem_RawRealloc
from libc.stdint cimport int64_t, uint32_t

from meridian.book._arena cimport LINE, Arena, give, prefetch
from meridian.book._levels cimport (
    Level, Levels, Place, Queue, Side, Walk, at_most, close_level, fewer, free_side,
    from_best, grow_levels, more, next_level, next_level_slot, open_level, prefetch_prices,
    push_back, seek_level, side_size, start_side, unlink,
)
from meridian.book._orders cimport (
    EXTRA_FLAG, HIDDEN_FLAG, Extra, Order, Orders, drop_entry, free_orders, free_slot, grow_orders,
    new_order, next_slot, orders_size, prefetch_index, reserve_of,
)


cdef enum:
    WIDTH = 7  # codes.ROW_WIDTH
    FIRST_ROWS = 16
    MOST_KEPT_ROWS = 4096  # room that a sweep needed beyond this is given back
    NO_MEMORY = -1


cdef enum:  # codes.Event
    REFUSED = 1
    ACCEPTED = 2
    TRADED = 3
    CANCELLED = 4
    REPLACED = 5
    REDUCED = 6
    REFRESHED = 7


ctypedef struct Rows:  # events of the command that runs; none while Python code may run
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


cdef struct Desk  # see below


# A Python book, its two slots and the collector's head are seven cache lines, which CPython's own
# allocator puts on a line's border; what every command reads comes first.
cdef struct Book:
    Desk* desk
    Side bids
    Side asks
    Levels levels
    Limits limits
    int64_t seq
    Orders orders
    int64_t trades
    int64_t last_price


cdef struct Work:  # an order joins or leaves its queue
    Book* book  # NULL: nothing to do
    uint32_t slot
    int sign  # of the side that it joins; 0: it leaves
    Place place  # where it joins


cdef struct Desk:  # what all books share
    Rows rows
    Work work
    Arena arena


cdef inline Side* side_of(Book* book, int sign) noexcept nogil:
    return &book.bids if sign == 1 else &book.asks


cdef inline bint reserve_rows(Rows* rows, size_t more) noexcept nogil:
    cdef size_t capacity
    cdef int64_t* at
    if rows.count + more <= rows.capacity:
        return True
    capacity = rows.capacity * 2 if rows.capacity else FIRST_ROWS
    at = <int64_t*>PyMem_RawRealloc(rows.at, capacity * WIDTH * sizeof(int64_t))
    if at == NULL:
        return False
    rows.at = at
    rows.capacity = capacity
    return True


cdef inline void drop_rows(Rows* rows) noexcept nogil:
    rows.count = 0
    if rows.capacity > MOST_KEPT_ROWS:
        PyMem_RawFree(rows.at)
        rows.at = NULL
        rows.capacity = 0


cdef inline void lend_rows(Rows* rows, Rows* to) noexcept nogil:
    """Move all rows away, with their memory."""
    to[0] = rows[0]
    rows.at = NULL
    rows.count = rows.capacity = 0


cdef inline void return_rows(Rows* rows, Rows* lent) noexcept nogil:
    """Forget the rows that were lent; their memory serves again, unless other does by now."""
    if rows.at == NULL:
        rows[0] = lent[0]
        drop_rows(rows)
    else:
        PyMem_RawFree(lent.at)


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


cdef inline uint32_t enter(
    Book* book, int64_t order_id, int64_t price, int64_t lots, int64_t executed, int64_t account,
    uint32_t flags,
) noexcept nogil:
    """Make an order known, with ``lots`` open; its slot, which was reserved before."""
    cdef uint32_t slot = new_order(&book.orders, order_id)
    cdef Order* order = &book.orders.at[slot]
    order.price = price
    order.open = lots
    order.executed = executed
    order.account = account
    order.flags = flags
    return slot


cdef inline void join(Book* book, int sign, uint32_t slot, Place place) noexcept nogil:
    """Put an order at the back of its queue; a level was reserved before."""
    cdef Order* order = &book.orders.at[slot]
    cdef Level* level
    if place.level == 0:
        place.level = open_level(
            &book.levels, side_of(book, sign), order.price, place
        )
    level = &book.levels.at[place.level]
    book.seq += 1
    order.seq = book.seq
    order.level = place.level
    if order.flags & EXTRA_FLAG:
        more(&level.aside, book.orders.extra[slot].reserve)
    if order.flags & HIDDEN_FLAG:
        more(&level.aside, order.open)
        push_back(&book.orders, &level.hidden, slot)
    else:
        more(&level.visible, order.open)
        push_back(&book.orders, &level.displayed, slot)


cdef inline void rest(
    Book* book, int sign, const Order* order, const Extra* extra
) noexcept nogil:
    """Make an order known and queue it; ``extra`` is read if flagged.

    ``order`` carries id, price, open, executed, account and flags.
    """
    cdef uint32_t slot = enter(
        book, order.order_id, order.price, order.open, order.executed, order.account, order.flags
    )
    if order.flags & EXTRA_FLAG:
        book.orders.extra[slot] = extra[0]
    join(book, sign, slot, seek_level(&book.levels, side_of(book, sign), order.price))


cdef inline void quit_queue(Book* book, uint32_t slot) noexcept nogil:
    """Take an order that is no longer known out of its queue."""
    cdef Order* order = &book.orders.at[slot]
    cdef Level* level = &book.levels.at[order.level]
    if order.flags & EXTRA_FLAG:
        fewer(&level.aside, book.orders.extra[slot].reserve)
    if order.flags & HIDDEN_FLAG:
        fewer(&level.aside, order.open)
        unlink(&book.orders, &level.hidden, slot)
    else:
        fewer(&level.visible, order.open)
        unlink(&book.orders, &level.displayed, slot)
    if level.displayed.head == 0 and level.hidden.head == 0:
        close_level(&book.levels, side_of(book, level.sign), order.level)
    free_slot(&book.orders, slot)


cdef inline void leave(Book* book, uint32_t slot) noexcept nogil:
    """Take an order out, with whatever it has left."""
    drop_entry(&book.orders, slot)
    quit_queue(book, slot)


cdef inline void finish(Desk* desk) noexcept nogil:
    """Do the work that waits."""
    cdef Work* work = &desk.work
    cdef Book* book = work.book
    if book == NULL:
        return
    work.book = NULL
    if work.sign:
        join(book, work.sign, work.slot, work.place)
    else:
        quit_queue(book, work.slot)


cdef inline void join_later(Book* book, int sign, uint32_t slot, Place place) noexcept nogil:
    """As ``join``, after the next command; no work of this book waits."""
    prefetch(&book.levels.at[place.level if place.level else next_level_slot(&book.levels)])
    finish(book.desk)
    book.desk.work.book = book
    book.desk.work.slot = slot
    book.desk.work.sign = sign
    book.desk.work.place = place


cdef inline void leave_later(Book* book, uint32_t slot) noexcept nogil:
    """As ``leave``; the queue waits."""
    cdef Order* order = &book.orders.at[slot]
    drop_entry(&book.orders, slot)
    # The order may be the one that has still to join.
    finish(book.desk)
    prefetch(&book.orders.at[order.prev])
    prefetch(&book.orders.at[order.next])
    prefetch(&book.levels.at[order.level])
    book.desk.work.book = book
    book.desk.work.slot = slot
    book.desk.work.sign = 0


cdef inline void prefetch_book(Book* book) noexcept nogil:
    """Fetch what every command reads; the first of it came with the Python object."""
    cdef size_t at = LINE
    while at < sizeof(Book):
        prefetch(<char*>book + at)
        at += LINE


cdef inline void prefetch_entry(
    Book* book, int64_t order_id, int64_t side, int64_t price
) noexcept nogil:
    """Fetch what an order will touch when it is made known, and when its price is sought."""
    prefetch_index(&book.orders, order_id)
    prefetch(&book.orders.at[next_slot(&book.orders)])
    prefetch_prices(side_of(book, <int>side), price)


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
    cdef Walk walk = from_best(side)
    cdef uint32_t at = next_level(&walk)
    cdef Level* level
    while at and found < wanted:
        level = &book.levels.at[at]
        if level.price * side.sign < bound:
            break
        found += at_most(&level.visible, wanted - found)
        found += at_most(&level.aside, wanted - found)
        at = next_level(&walk)
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
    while leaves and against.best_rank >= bound:
        place = against.best
        level = &book.levels.at[place]
        while leaves and (level.displayed.head or level.hidden.head):
            if not reserve_rows(&book.desk.rows, 2):
                return NO_MEMORY
            queue = &level.displayed if level.displayed.head else &level.hidden
            slot = queue.head
            order = &book.orders.at[slot]
            quantity = min(order.open, leaves)
            leaves -= quantity
            book.trades += 1
            book.last_price = level.price
            emit(
                &book.desk.rows, TRADED, book.trades, order.order_id, aggressor_id, level.price,
                quantity,
            )
            execute(book, slot, quantity)
            if order.open:
                break
            if reserve_of(&book.orders, slot):
                refresh(book, slot)
                emit(&book.desk.rows, REFRESHED, order.order_id, order.open, 0, 0, 0)
            else:
                unlink(&book.orders, queue, slot)
                drop_entry(&book.orders, slot)
                free_slot(&book.orders, slot)
        if level.displayed.head == 0 and level.hidden.head == 0:
            close_level(&book.levels, against, place)
    return leaves


cdef inline size_t book_size(Book* book) noexcept nogil:
    """Bytes of the arrays."""
    return (
        orders_size(&book.orders) + book.levels.capacity * sizeof(Level)
        + side_size(&book.bids) + side_size(&book.asks)
    )


cdef inline bint start_book(Book* book, Desk* desk) noexcept nogil:
    """Make an empty book's first arrays, with the slots 0 that searches may look at."""
    cdef Arena* arena = &desk.arena
    book.desk = desk
    return (
        start_side(arena, &book.bids, 1)
        and start_side(arena, &book.asks, -1)
        and grow_levels(arena, &book.levels)
        and grow_orders(arena, &book.orders)
    )


cdef inline void free_book(Book* book) noexcept nogil:
    cdef Arena* arena = &book.desk.arena
    finish(book.desk)
    free_orders(arena, &book.orders)
    give(arena, book.levels.at, book.levels.capacity * sizeof(Level))
    free_side(arena, &book.bids)
    free_side(arena, &book.asks)
