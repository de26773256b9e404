# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Resting orders of one instrument and the matching between them: the native twin of
``pure_ladder.py``, which documents every method.

A ladder holds no Python object, so the garbage collector never looks at it. The commands work on
C integers and write their events as rows; what becomes of the rows is decided here: tuples for a
single call, an array for a batch. Where memory ends, MemoryError is raised before anything changed;
only a sweep may end between two trades, and then it loses the aggressor's remainder. (A command
may also be done and its answer find no memory.)
"""

from array import array as new_array

from cpython cimport array
from cpython.list cimport PyList_New, PyList_SET_ITEM
from cpython.long cimport PyLong_FromLongLong
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_New, PyTuple_SET_ITEM
from libc.stdint cimport INT64_MIN, int64_t, uint32_t
from libc.string cimport memcpy

from meridian.book._commands cimport (
    BAD_INSTRUCTION, OP_CANCEL, OP_LIMIT, OP_MARKET, OP_REDUCE, OP_REPLACE, cancel_order,
    limit_order, market_order, plain_tif, reduce_order, replace_order, run,
)
from meridian.book._levels cimport (
    Level, Page, Side, fewer, find_level, grow_levels, more, reserve_level, start_side,
)
from meridian.book._looking cimport check_level, check_prices, exactly, record_of, slots_of
from meridian.book._matching cimport (
    ACCEPTED, CANCELLED, NO_MEMORY, REFUSED, WIDTH, Book, Rows, available, emit, execute, free_book,
    leave, leaves_of, refresh, reserve_rows, rest, shrink, side_of,
)
from meridian.book._orders cimport (
    EXTRA_FLAG, HIDDEN_FLAG, TIF_SHIFT, Extra, Order, find_order, grow_orders, prefetch_index,
    prefetch_neighbours, prefetch_order, reserve_extra, reserve_of, reserve_order,
)

from meridian.book.admission import check_limits, check_record
from meridian.book.codes import MAX_PRICE, MAX_QUANTITY
from meridian.book.rows import command_rows, extend_rows

cdef extern from "Python.h":
    long long PyLong_AsLongLongAndOverflow(object value, int* overflow) except? -1


cdef enum:
    FLUSH_ROWS = 256  # rows a batch gathers before it copies them out
    # How many commands ahead a batch has memory fetched: three steps, each needing the last.
    INDEX_AHEAD = 24
    ORDER_AHEAD = 16
    QUEUE_AHEAD = 8

# Fields of each event, by codes.Event.
cdef int[8] FIELDS = [0, 3, 7, 6, 4, 6, 3, 3]


cdef inline int64_t integer(object value, int64_t otherwise) except? -1:
    """An integer, or ``otherwise`` (which will be refused) where it has more than 64 bits."""
    cdef int overflow
    cdef int64_t number = PyLong_AsLongLongAndOverflow(value, &overflow)
    return otherwise if overflow else number


cdef inline list refused(object order_id, int code):
    if code == NO_MEMORY:
        raise MemoryError
    return [(REFUSED, order_id, code)]


cdef tuple event_of(const int64_t* row):
    cdef int fields = FIELDS[row[0]]
    cdef tuple event = PyTuple_New(fields)
    cdef object number
    cdef int at
    for at in range(fields):
        number = PyLong_FromLongLong(row[at])
        Py_INCREF(number)
        PyTuple_SET_ITEM(event, at, number)
    return event


cdef list events_of(Rows* rows):
    cdef Py_ssize_t size = rows.count
    cdef list events = PyList_New(size)
    cdef tuple event
    cdef Py_ssize_t at
    for at in range(size):
        event = event_of(rows.at + at * WIDTH)
        Py_INCREF(event)
        PyList_SET_ITEM(events, at, event)
    return events


cdef Side* checked_side(Book* book, int64_t side) except NULL:
    if side != 1 and side != -1:
        raise ValueError(f"side: expected 1 or -1, got {side}")
    return side_of(book, <int>side)


cdef uint32_t known(Book* book, object order_id) except 0:
    cdef uint32_t slot = find_order(&book.orders, integer(order_id, 0))
    if slot == 0:
        raise KeyError(order_id)
    return slot


cdef inline void look_ahead(Book* book, const int64_t* row, Py_ssize_t left) noexcept nogil:
    """Fetch what the commands after ``row`` will touch; ``left`` of them follow."""
    if left > INDEX_AHEAD:
        prefetch_index(&book.orders, row[INDEX_AHEAD * WIDTH + 1])
    if left > ORDER_AHEAD and row[ORDER_AHEAD * WIDTH] > OP_MARKET:
        prefetch_order(&book.orders, row[ORDER_AHEAD * WIDTH + 1])
    if left > QUEUE_AHEAD and row[QUEUE_AHEAD * WIDTH] > OP_MARKET:
        prefetch_neighbours(&book.orders, row[QUEUE_AHEAD * WIDTH + 1])


cdef class Ladder:
    """Orders by price, then displayed before hidden, then time. See ``pure_ladder.Ladder``."""

    cdef Book book
    cdef public bint plain

    def __cinit__(self):
        self.plain = True
        # From here on each array has its slot 0, which searches may look at.
        if (
            not grow_orders(&self.book.orders)
            or not grow_levels(&self.book.levels)
            or not start_side(&self.book.bids, 1)
            or not start_side(&self.book.asks, -1)
        ):
            raise MemoryError
        Ladder.configure(self)

    def __dealloc__(self):
        free_book(&self.book)

    def configure(
        self, *, lot=1, tick=1, min_quantity=1, max_quantity=MAX_QUANTITY, band_low=1,
        band_high=MAX_PRICE, max_orders=1_000_000,
    ):
        check_limits((lot, tick, min_quantity, max_quantity, band_low, band_high, max_orders))
        self.book.limits.lot, self.book.limits.tick = lot, tick
        self.book.limits.least, self.book.limits.most = min_quantity, max_quantity
        self.book.limits.low, self.book.limits.high = band_low, band_high
        self.book.limits.orders = max_orders

    @property
    def trades(self):
        """Trades so far, which is also the id of the last one."""
        return self.book.trades

    @trades.setter
    def trades(self, int64_t value):
        self.book.trades = value

    @property
    def last_price(self):
        """Price of the last trade; 0 before the first."""
        return self.book.last_price

    @last_price.setter
    def last_price(self, int64_t value):
        self.book.last_price = value

    # Commands ---------------------------------------------------------------------------------

    def limit(self, order_id, side, price, quantity, tif=0, account=0):
        cdef Book* book = &self.book
        cdef int64_t lasting = integer(tif, -1)
        cdef int code
        if not self.plain or not plain_tif(lasting):
            return self.slow_limit(order_id, side, price, quantity, tif, account)
        book.rows.count = 0
        code = limit_order(
            book, integer(order_id, 0), integer(side, 0), integer(price, 0), integer(quantity, 0),
            lasting, integer(account, INT64_MIN),
        )
        if code:
            return refused(order_id, code)
        if book.rows.count == 1:
            return [(ACCEPTED, order_id, side, price, quantity, quantity, 0)]
        return events_of(&book.rows)

    def market(self, order_id, side, quantity, tif=3, account=0):
        cdef Book* book = &self.book
        cdef int64_t lasting = integer(tif, -1)
        cdef int code
        if not self.plain or not plain_tif(lasting):
            return self.slow_market(order_id, side, quantity, tif, account)
        book.rows.count = 0
        code = market_order(
            book, integer(order_id, 0), integer(side, 0), integer(quantity, 0), lasting,
            integer(account, INT64_MIN),
        )
        return refused(order_id, code) if code else events_of(&book.rows)

    def cancel(self, order_id):
        cdef Book* book = &self.book
        cdef int code
        if not self.plain:
            return self.slow_cancel(order_id)
        book.rows.count = 0
        code = cancel_order(book, integer(order_id, 0))
        if code:
            return refused(order_id, code)
        return [(CANCELLED, order_id, book.rows.at[2], book.rows.at[3])]

    def reduce(self, order_id, by):
        cdef Book* book = &self.book
        cdef int code
        if not self.plain:
            return self.slow_reduce(order_id, by)
        book.rows.count = 0
        code = reduce_order(book, integer(order_id, 0), integer(by, 0))
        return refused(order_id, code) if code else events_of(&book.rows)

    def replace(self, order_id, quantity, price):
        cdef Book* book = &self.book
        cdef int code
        if not self.plain:
            return self.slow_replace(order_id, quantity, price)
        book.rows.count = 0
        code = replace_order(book, integer(order_id, 0), integer(quantity, 0), integer(price, 0))
        return refused(order_id, code) if code else events_of(&book.rows)

    def apply(self, commands):
        cdef const int64_t[::1] numbers = command_rows(commands)
        cdef Book* book = &self.book
        cdef Py_ssize_t size = numbers.shape[0] // WIDTH
        cdef Py_ssize_t at
        cdef array.array events = new_array("q")
        cdef Py_ssize_t used = 0
        cdef const int64_t* row
        cdef int code
        book.rows.count = 0
        for at in range(size):
            row = &numbers[at * WIDTH]
            look_ahead(book, row, size - 1 - at)
            if self.plain and (row[0] > OP_MARKET or plain_tif(row[5])):
                code = run(book, row)
                if code:
                    if code == NO_MEMORY or not reserve_rows(&book.rows, 1):
                        raise MemoryError
                    emit(&book.rows, REFUSED, row[1], code, 0, 0, 0)
                if book.rows.count >= FLUSH_ROWS:
                    used = flush(&book.rows, events, used)
            else:
                used = flush(&book.rows, events, used)
                array.resize(events, used)
                extend_rows(events, self._run_slowly(row[0], numbers[at * WIDTH:(at + 1) * WIDTH]))
                # A slow method may have used a plain one, and its rows.
                book.rows.count = 0
                used = len(events)
        used = flush(&book.rows, events, used)
        array.resize(events, used)
        return events

    def _run_slowly(self, op, row):
        _, order_id, side, price, quantity, tif, account = row
        if op == OP_LIMIT:
            return self.limit(order_id, side, price, quantity, tif, account)
        if op == OP_MARKET:
            return self.market(order_id, side, quantity, tif, account)
        if op == OP_CANCEL:
            return self.cancel(order_id)
        if op == OP_REDUCE:
            return self.reduce(order_id, quantity)
        if op == OP_REPLACE:
            return self.replace(order_id, quantity, price)
        return refused(order_id, BAD_INSTRUCTION)

    # What a subclass overrides ----------------------------------------------------------------

    def slow_limit(self, order_id, side, price, quantity, tif, account):
        return refused(order_id, BAD_INSTRUCTION)

    def slow_market(self, order_id, side, quantity, tif, account):
        return refused(order_id, BAD_INSTRUCTION)

    def slow_cancel(self, order_id):
        return refused(order_id, BAD_INSTRUCTION)

    def slow_reduce(self, order_id, by):
        return refused(order_id, BAD_INSTRUCTION)

    def slow_replace(self, order_id, quantity, price):
        return refused(order_id, BAD_INSTRUCTION)

    # Building blocks --------------------------------------------------------------------------

    def add(
        self, int64_t order_id, int64_t side, int64_t price, int64_t visible, int64_t reserve,
        int64_t display, bint hidden, int64_t total, int64_t executed, int64_t account,
        int64_t session, int64_t broker, int64_t tif,
    ):
        cdef Book* book = &self.book
        cdef Order order
        cdef Extra extra = Extra(0 if hidden else reserve, display, session, broker)
        if find_order(&book.orders, order_id):
            raise ValueError(f"order {order_id} rests already")
        check_record((
            order_id, side, price, visible, reserve, display, hidden, total, executed, account,
            session, broker, tif,
        ))
        order.order_id = order_id
        order.price = price
        order.open = reserve if hidden else visible
        order.executed = executed
        order.account = account
        order.flags = <uint32_t>tif << TIF_SHIFT
        if hidden:
            order.flags |= HIDDEN_FLAG
        if extra.reserve or display or session or broker:
            order.flags |= EXTRA_FLAG
        if (
            not reserve_order(&book.orders)
            or not reserve_level(&book.levels, side_of(book, <int>side), price)
            or (order.flags & EXTRA_FLAG and not reserve_extra(&book.orders))
        ):
            raise MemoryError
        rest(book, <int>side, &order, &extra)

    def remove(self, order_id):
        leave(&self.book, known(&self.book, order_id))

    def take(self, order_id, int64_t quantity):
        cdef Book* book = &self.book
        cdef uint32_t slot = known(book, order_id)
        cdef Order* order = &book.orders.at[slot]
        if quantity < 1 or quantity > order.open:
            raise ValueError(
                f"order {order_id}: expected 1 to {order.open} lots, got {quantity}"
            )
        execute(book, slot, quantity)
        if order.open:
            return order.open
        if reserve_of(&book.orders, slot):
            refresh(book, slot)
            return order.open
        leave(book, slot)
        return 0

    def retranche(self, order_id, int64_t visible):
        cdef Book* book = &self.book
        cdef uint32_t slot = known(book, order_id)
        cdef Order* order = &book.orders.at[slot]
        cdef Level* level = &book.levels.at[order.level]
        cdef int64_t leaves = leaves_of(book, slot)
        cdef bint tranched = visible == leaves
        if order.flags & EXTRA_FLAG and book.orders.extra[slot].display > 0:
            tranched = True
        if order.flags & HIDDEN_FLAG or not tranched or visible < 1 or visible > leaves:
            raise ValueError(f"order {order_id}: expected 1 to {leaves} lots, got {visible}")
        if visible != order.open:
            fewer(&level.visible, order.open)
            fewer(&level.aside, leaves - order.open)
            order.open = visible
            book.orders.extra[slot].reserve = leaves - visible
            more(&level.visible, visible)
            more(&level.aside, leaves - visible)

    def shrink(self, order_id, int64_t by):
        cdef Book* book = &self.book
        cdef uint32_t slot = known(book, order_id)
        cdef int64_t leaves = leaves_of(book, slot)
        if by < 0 or by >= leaves:
            raise ValueError(f"order {order_id}: expected 0 to {leaves - 1} lots, got {by}")
        shrink(book, slot, by)

    # Looking ----------------------------------------------------------------------------------

    def __len__(self):
        return self.book.orders.count

    def __contains__(self, order_id):
        return find_order(&self.book.orders, integer(order_id, 0)) != 0

    def front(self, int64_t side):
        cdef Side* ladder = checked_side(&self.book, side)
        cdef Level* level
        if ladder.best == 0:
            return 0
        level = &self.book.levels.at[ladder.best]
        return self.book.orders.at[level.displayed.head or level.hidden.head].order_id

    def best(self, int64_t side):
        cdef Side* ladder = checked_side(&self.book, side)
        return self.book.levels.at[ladder.best].price

    def best_displayed(self, int64_t side):
        cdef Side* ladder = checked_side(&self.book, side)
        cdef uint32_t at = ladder.best
        while at and self.book.levels.at[at].displayed.head == 0:
            at = self.book.levels.at[at].worse
        return self.book.levels.at[at].price

    def queue(self, int64_t side, int64_t price):
        cdef uint32_t place = find_level(&self.book.levels, checked_side(&self.book, side), price)
        cdef list found = []
        cdef uint32_t slot
        if place:
            for slot in slots_of(&self.book, place):
                found.append(self.book.orders.at[slot].order_id)
        return found

    def prices(self, int64_t side, Py_ssize_t n=-1):
        cdef Side* ladder = checked_side(&self.book, side)
        cdef list found = []
        cdef uint32_t at = ladder.best
        while at and (n < 0 or len(found) < n):
            found.append(self.book.levels.at[at].price)
            at = self.book.levels.at[at].worse
        return found

    def level(self, int64_t side, int64_t price):
        cdef uint32_t place = find_level(&self.book.levels, checked_side(&self.book, side), price)
        cdef Level* level = &self.book.levels.at[place]
        # Slot 0 is the level of no price: nothing is displayed there.
        return exactly(&level.visible), level.displayed.orders

    def depth(self, int64_t side, Py_ssize_t n=-1):
        cdef Side* ladder = checked_side(&self.book, side)
        cdef list found = []
        cdef uint32_t at = ladder.best
        cdef Level* level
        while at and (n < 0 or len(found) < n):
            level = &self.book.levels.at[at]
            if level.displayed.orders:
                lots = exactly(&level.visible)
                found.append((level.price, lots, level.displayed.orders))
            at = level.worse
        return found

    def record(self, order_id):
        cdef uint32_t slot = find_order(&self.book.orders, integer(order_id, 0))
        return record_of(&self.book, slot) if slot else None

    def records(self, int64_t side):
        cdef Side* ladder = checked_side(&self.book, side)
        cdef list found = []
        cdef uint32_t at = ladder.best
        cdef uint32_t slot
        while at:
            for slot in slots_of(&self.book, at):
                found.append(record_of(&self.book, slot))
            at = self.book.levels.at[at].worse
        return found

    def available(self, int64_t side, int64_t limit, wanted):
        cdef Side* ladder = checked_side(&self.book, side)
        cdef int64_t bound = limit * ladder.sign if limit else INT64_MIN
        return available(&self.book, ladder, bound, integer(wanted, 0))

    def check_ladder(self):
        cdef Book* book = &self.book
        cdef uint32_t slot, at
        cdef Side* side
        reached = []
        for sign in (1, -1):
            side = side_of(book, sign)
            places = check_prices(book, side)
            assert len(places) == side.count
            for at in places:
                reached += check_level(book, side, at)
        assert len(reached) == len(set(reached)) == book.orders.count
        for slot in reached:
            assert find_order(&book.orders, book.orders.at[slot].order_id) == slot

    def __sizeof__(self):
        cdef Book* book = &self.book
        cdef Side* side
        cdef uint32_t at
        cdef size_t size = sizeof(Book) + (<size_t>1 << book.orders.index_bits) * 8
        size += book.orders.capacity * sizeof(Order) + book.levels.capacity * sizeof(Level)
        if book.orders.extra != NULL:
            size += book.orders.capacity * sizeof(Extra)
        for sign in (1, -1):
            side = side_of(book, sign)
            size += (<size_t>1 << side.hint_bits) * 4 + side.page_capacity * sizeof(Page)
            for at in range(side.page_count):
                size += side.pages[at].capacity * 12
        return size + book.rows.capacity * WIDTH * sizeof(int64_t)


cdef Py_ssize_t flush(Rows* rows, array.array events, Py_ssize_t used) except -1:
    """Copy rows to the end of an array, which may be longer than what is used of it."""
    cdef Py_ssize_t more = rows.count * WIDTH
    if used + more > len(events):
        array.resize(events, max(used + more, 2 * used))
    memcpy(events.data.as_longlongs + used, rows.at, more * sizeof(int64_t))
    rows.count = 0
    return used + more
