# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True, binding=False
"""Resting orders of one instrument and the matching between them: the native twin of
``pure_ladder.py``, which documents every method.

A ladder holds no Python object, so the garbage collector never looks at it. The commands work on
C integers and write their events as rows; what becomes of the rows is decided here: tuples for a
single call, an array for a batch. Where memory ends, MemoryError is raised before anything changed;
only a sweep may end between two trades, and then it loses the aggressor's remainder. (A command
may also be done and its answer find no memory.)

What all books share is under the interpreter's lock. Commands may leave work (``_matching.pxd``),
so that each method finishes it before it looks at a book, and after it has converted its arguments,
which may run Python code.
"""

from array import array as new_array

from cpython cimport array
from libc.stdint cimport INT64_MIN, int64_t, uint32_t
from libc.string cimport memcpy

from meridian.book._answers cimport events_of, integer, refused
from meridian.book._commands cimport (
    BAD_INSTRUCTION, OP_CANCEL, OP_LIMIT, OP_MARKET, OP_REDUCE, OP_REPLACE, cancel_order,
    limit_order, market_order, plain_tif, reduce_order, replace_order, run,
)
from meridian.book._levels cimport (
    ANY_RANK, Level, Side, Walk, fewer, find_level, from_best, more, next_level, reserve_level,
)
from meridian.book._looking cimport check_level, check_prices, exactly, record_of, slots_of
from meridian.book._matching cimport (
    ACCEPTED, CANCELLED, NO_MEMORY, REFUSED, WIDTH, Book, Desk, Limits, Rows, available,
    book_size, drop_rows, emit, execute, finish, free_book, leave, leaves_of, prefetch_book,
    prefetch_entry, refresh, reserve_rows, rest, shrink, side_of, start_book,
)
from meridian.book._orders cimport (
    EXTRA_FLAG, HIDDEN_FLAG, TIF_SHIFT, Extra, Order, find_order, prefetch_index,
    prefetch_neighbours, prefetch_order, reserve_extra, reserve_of, reserve_order,
)

from meridian.book.admission import check_limits, check_record
from meridian.book.codes import MAX_PRICE, MAX_QUANTITY
from meridian.book.rows import command_rows, extend_rows


cdef enum:
    FLUSH_ROWS = 256  # rows a batch gathers before it copies them out
    # How many commands ahead a batch has memory fetched: three steps, each needing the last.
    INDEX_AHEAD = 24
    ORDER_AHEAD = 16
    QUEUE_AHEAD = 8

cdef Desk desk


cdef Side* checked_side(Book* book, int64_t side) except NULL:
    if side != 1 and side != -1:
        raise ValueError(f"side: expected 1 or -1, got {side}")
    finish(&desk)
    return side_of(book, <int>side)


cdef uint32_t find(Book* book, object order_id) except? 0:
    """Slot of an order, or 0."""
    cdef int64_t number = integer(order_id, 0)
    finish(&desk)
    return find_order(&book.orders, number)


cdef uint32_t known(Book* book, object order_id) except 0:
    cdef uint32_t slot = find(book, order_id)
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

    cdef public bint plain
    cdef Book book

    def __cinit__(self):
        self.plain = True
        if not start_book(&self.book, &desk):
            raise MemoryError
        Ladder.configure(self)

    def __dealloc__(self):
        free_book(&self.book)

    def configure(
        self, *, lot=1, tick=1, min_quantity=1, max_quantity=MAX_QUANTITY, band_low=1,
        band_high=MAX_PRICE, max_orders=1_000_000,
    ):
        lot, tick, min_quantity, max_quantity, band_low, band_high, max_orders = check_limits(
            (lot, tick, min_quantity, max_quantity, band_low, band_high, max_orders)
        )
        self.book.limits = Limits(
            lot, tick, min_quantity, max_quantity, band_low, band_high, max_orders
        )

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
        cdef int64_t number, sign, ticks, lots, lasting, owner
        cdef int code
        prefetch_book(book)
        number, sign = integer(order_id, 0), integer(side, 0)
        ticks, lots = integer(price, 0), integer(quantity, 0)
        lasting, owner = integer(tif, -1), integer(account, INT64_MIN)
        if not self.plain or not plain_tif(lasting):
            return self.slow_limit(order_id, side, price, quantity, tif, account)
        prefetch_entry(book, number, sign, ticks)
        if desk.work.book == book:
            finish(&desk)
        code = limit_order(book, number, sign, ticks, lots, lasting, owner, True)
        if not code and desk.rows.count == 1:
            drop_rows(&desk.rows)
            return [(ACCEPTED, order_id, side, price, quantity, quantity, 0)]
        return answer(order_id, code)

    def market(self, order_id, side, quantity, tif=3, account=0):
        cdef int64_t number, sign, lots, lasting, owner
        number, sign, lots = integer(order_id, 0), integer(side, 0), integer(quantity, 0)
        lasting, owner = integer(tif, -1), integer(account, INT64_MIN)
        if not self.plain or not plain_tif(lasting):
            return self.slow_market(order_id, side, quantity, tif, account)
        finish(&desk)
        return answer(order_id, market_order(&self.book, number, sign, lots, lasting, owner))

    def cancel(self, order_id):
        cdef int64_t number, lots, reason
        cdef int code
        prefetch_book(&self.book)
        number = integer(order_id, 0)
        if not self.plain:
            return self.slow_cancel(order_id)
        prefetch_index(&self.book.orders, number)
        code = cancel_order(&self.book, number, True)
        if code:
            return refused(order_id, code)
        lots = desk.rows.at[2]
        reason = desk.rows.at[3]
        drop_rows(&desk.rows)
        return [(CANCELLED, order_id, lots, reason)]

    def reduce(self, order_id, by):
        cdef int64_t number, lots
        number, lots = integer(order_id, 0), integer(by, 0)
        if not self.plain:
            return self.slow_reduce(order_id, by)
        finish(&desk)
        return answer(order_id, reduce_order(&self.book, number, lots))

    def replace(self, order_id, quantity, price):
        cdef int64_t number, lots, ticks
        number, lots, ticks = integer(order_id, 0), integer(quantity, 0), integer(price, 0)
        if not self.plain:
            return self.slow_replace(order_id, quantity, price)
        finish(&desk)
        return answer(order_id, replace_order(&self.book, number, lots, ticks))

    def apply(self, commands):
        cdef const int64_t[::1] numbers = command_rows(commands)
        cdef Book* book = &self.book
        cdef Rows* rows = &desk.rows
        cdef Py_ssize_t size = numbers.shape[0] // WIDTH
        cdef Py_ssize_t at
        cdef array.array events = new_array("q")
        cdef Py_ssize_t used = 0
        cdef const int64_t* row
        cdef int code
        finish(&desk)
        try:
            for at in range(size):
                row = &numbers[at * WIDTH]
                look_ahead(book, row, size - 1 - at)
                if self.plain and (row[0] > OP_MARKET or plain_tif(row[5])):
                    code = run(book, row)
                    if code:
                        if code == NO_MEMORY or not reserve_rows(rows, 1):
                            raise MemoryError
                        emit(rows, REFUSED, row[1], code, 0, 0, 0)
                    if rows.count >= FLUSH_ROWS:
                        used = flush(rows, events, used)
                else:
                    used = flush(rows, events, used)
                    array.resize(events, used)
                    slowly = self._run_slowly(row[0], numbers[at * WIDTH:(at + 1) * WIDTH])
                    extend_rows(events, slowly)
                    finish(&desk)
                    used = len(events)
            used = flush(rows, events, used)
            array.resize(events, used)
        finally:
            drop_rows(rows)
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
        check_record((
            order_id, side, price, visible, reserve, display, hidden, total, executed, account,
            session, broker, tif,
        ))
        finish(&desk)
        if find_order(&book.orders, order_id):
            raise ValueError(f"order {order_id} rests already")
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
            not reserve_order(&desk.arena, &book.orders)
            or not reserve_level(&desk.arena, &book.levels, side_of(book, <int>side), price)
            or (order.flags & EXTRA_FLAG and not reserve_extra(&desk.arena, &book.orders))
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
        finish(&desk)
        return self.book.orders.count

    def __contains__(self, order_id):
        return find(&self.book, order_id) != 0

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
        cdef Walk walk = from_best(checked_side(&self.book, side))
        cdef uint32_t at = next_level(&walk)
        while at and self.book.levels.at[at].displayed.head == 0:
            at = next_level(&walk)
        return self.book.levels.at[at].price

    def queue(self, int64_t side, int64_t price):
        cdef Side* ladder = checked_side(&self.book, side)
        cdef uint32_t place = find_level(&self.book.levels, ladder, price)
        cdef list found = []
        cdef uint32_t slot
        if place:
            for slot in slots_of(&self.book, place):
                found.append(self.book.orders.at[slot].order_id)
        return found

    def prices(self, int64_t side, Py_ssize_t n=-1):
        cdef Walk walk = from_best(checked_side(&self.book, side))
        cdef list found = []
        cdef uint32_t at = next_level(&walk)
        while at and (n < 0 or len(found) < n):
            found.append(self.book.levels.at[at].price)
            at = next_level(&walk)
        return found

    def level(self, int64_t side, int64_t price):
        cdef Side* ladder = checked_side(&self.book, side)
        cdef uint32_t place = find_level(&self.book.levels, ladder, price)
        cdef Level* level = &self.book.levels.at[place]
        # Slot 0 is the level of no price: nothing is displayed there.
        return exactly(&level.visible), level.displayed.orders

    def depth(self, int64_t side, Py_ssize_t n=-1):
        cdef Walk walk = from_best(checked_side(&self.book, side))
        cdef list found = []
        cdef uint32_t at = next_level(&walk)
        cdef Level* level
        while at and (n < 0 or len(found) < n):
            level = &self.book.levels.at[at]
            if level.displayed.orders:
                lots = exactly(&level.visible)
                found.append((level.price, lots, level.displayed.orders))
            at = next_level(&walk)
        return found

    def record(self, order_id):
        cdef uint32_t slot = find(&self.book, order_id)
        return record_of(&self.book, slot) if slot else None

    def records(self, int64_t side):
        cdef Walk walk = from_best(checked_side(&self.book, side))
        cdef list found = []
        cdef uint32_t at = next_level(&walk)
        cdef uint32_t slot
        while at:
            for slot in slots_of(&self.book, at):
                found.append(record_of(&self.book, slot))
            at = next_level(&walk)
        return found

    def available(self, int64_t side, int64_t limit, wanted):
        cdef int64_t lots = integer(wanted, 0)
        cdef Side* ladder = checked_side(&self.book, side)
        cdef int64_t bound = max(limit, ANY_RANK) * ladder.sign if limit else ANY_RANK
        return available(&self.book, ladder, bound, lots)

    def check_ladder(self):
        cdef Book* book = &self.book
        cdef uint32_t slot, at
        cdef Side* side
        finish(&desk)
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
        finish(&desk)
        return object.__sizeof__(self) + book_size(&self.book)


def memory():
    """What all ladders share, in bytes: chunks, blocks of them in use, room for event rows."""
    return desk.arena.reserved, desk.arena.used, desk.rows.capacity * WIDTH * sizeof(int64_t)


cdef list answer(object order_id, int code):
    """What a call returns; its rows are then gone."""
    if code:
        drop_rows(&desk.rows)
        return refused(order_id, code)
    return events_of(&desk.rows)


cdef Py_ssize_t flush(Rows* rows, array.array events, Py_ssize_t used) except -1:
    """Move rows to the end of an array, which may be longer than what is used of it."""
    cdef Py_ssize_t more = <Py_ssize_t>rows.count * WIDTH
    if more == 0:
        return used
    if used + more > len(events):
        array.resize(events, max(used + more, 2 * used))
    memcpy(events.data.as_longlongs + used, rows.at, more * sizeof(int64_t))
    rows.count = 0
    return used + more
