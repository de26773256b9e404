"""The five commands on C integers.

Each appends its events to the book's rows and returns 0; or returns a RefusalCode and changes
nothing; or NO_MEMORY.
"""

from libc.stdint cimport INT64_MIN, int64_t, uint32_t
from libc.string cimport memset

from meridian.book._arena cimport Arena
from meridian.book._levels cimport ANY_RANK, Place, Side, reserve_level, seek_level
from meridian.book._matching cimport (
    ACCEPTED, CANCELLED, NO_MEMORY, REDUCED, REPLACED, Book, available, emit, enter, join,
    join_later, leave, leave_later, leaves_of, match, reserve_rows, rest, shrink, side_of,
)
from meridian.book._orders cimport (
    EXTRA_FLAG, HIDDEN_FLAG, TIF_SHIFT, Extra, Order, find_order, reserve_order,
)


cdef enum:  # codes.Op
    OP_LIMIT = 1
    OP_MARKET = 2
    OP_CANCEL = 3
    OP_REDUCE = 4
    OP_REPLACE = 5


cdef enum:  # codes.Tif
    DAY = 0
    GTC = 1
    IOC = 3
    FOK = 4


cdef enum:  # codes.RefusalCode
    BAD_PRICE = 101
    BAD_QUANTITY = 102
    DUPLICATE_ID = 103
    BOOK_FULL = 104
    BAD_LOT = 105
    BAD_TICK = 106
    PRICE_BAND = 107
    BAD_INSTRUCTION = 111
    UNKNOWN_ORDER = 201
    BELOW_EXECUTED = 202


cdef enum:  # codes.CancelReason
    REQUESTED = 1
    IOC_REMAINDER = 2
    FOK_UNFILLABLE = 3
    MARKET_REMAINDER = 4


cdef enum:
    MAX_TRANCHES = 10000  # codes.MAX_TRANCHES
    SAFE_ROWS = 2  # what a command emits beside its trades


cdef extern from *:
    """
    #define MERIDIAN_MAX (1LL << 53)
    """
    const int64_t MAX_PRICE "MERIDIAN_MAX"
    const int64_t MAX_QUANTITY "MERIDIAN_MAX"


cdef inline bint plain_tif(int64_t tif) noexcept nogil:
    return tif == DAY or tif == GTC or tif == IOC or tif == FOK


cdef inline int entry_refusal(int64_t order_id, int64_t side, int64_t account) noexcept nogil:
    if order_id < 1 or account == INT64_MIN or (side != 1 and side != -1):
        return BAD_INSTRUCTION
    return 0


cdef inline int quantity_refusal(Book* book, int64_t quantity) noexcept nogil:
    if quantity < book.limits.least or quantity > book.limits.most:
        return BAD_QUANTITY
    if book.limits.lot != 1 and quantity % book.limits.lot:
        return BAD_LOT
    return 0


cdef inline int price_refusal(Book* book, int64_t price) noexcept nogil:
    if price < 1 or price > MAX_PRICE:
        return BAD_PRICE
    if book.limits.tick != 1 and price % book.limits.tick:
        return BAD_TICK
    if price < book.limits.low or price > book.limits.high:
        return PRICE_BAND
    return 0


cdef inline int limit_order(
    Book* book, int64_t order_id, int64_t side, int64_t price, int64_t quantity, int64_t tif,
    int64_t account, bint later,
) noexcept nogil:
    """Limit order; ``tif`` is plain. Its joining a queue may wait if ``later``."""
    cdef Side* own = side_of(book, <int>side)
    cdef Side* against = side_of(book, -<int>side)
    cdef int64_t leaves = quantity
    cdef int64_t bound
    cdef Arena* arena = &book.desk.arena
    cdef uint32_t slot
    cdef Place place
    cdef int code = entry_refusal(order_id, side, account)
    if not code:
        code = quantity_refusal(book, quantity)
    if not code:
        code = price_refusal(book, price)
    if not code and find_order(&book.orders, order_id):
        code = DUPLICATE_ID
    if not code and tif < IOC and book.orders.count >= book.limits.orders:
        code = BOOK_FULL
    if code:
        return code
    if not reserve_rows(&book.desk.rows, SAFE_ROWS):
        return NO_MEMORY
    if not reserve_order(arena, &book.orders):
        return NO_MEMORY
    if not reserve_level(arena, &book.levels, own, price):
        return NO_MEMORY
    bound = -price * side
    emit(&book.desk.rows, ACCEPTED, order_id, side, price, quantity, quantity)
    if against.best_rank >= bound:
        if tif == FOK and available(book, against, bound, quantity) < quantity:
            emit(&book.desk.rows, CANCELLED, order_id, quantity, FOK_UNFILLABLE, 0, 0)
            return 0
        leaves = match(book, against, order_id, quantity, bound)
        if leaves == NO_MEMORY or not reserve_rows(&book.desk.rows, 1):
            return NO_MEMORY
    if leaves == 0:
        return 0
    if tif >= IOC:
        code = IOC_REMAINDER if tif == IOC else FOK_UNFILLABLE
        emit(&book.desk.rows, CANCELLED, order_id, leaves, code, 0, 0)
        return 0
    slot = enter(
        book, order_id, price, leaves, quantity - leaves, account, <uint32_t>tif << TIF_SHIFT
    )
    place = seek_level(&book.levels, own, price)
    if later:
        join_later(book, <int>side, slot, place)
    else:
        join(book, <int>side, slot, place)
    return 0


cdef inline int market_order(
    Book* book, int64_t order_id, int64_t side, int64_t quantity, int64_t tif, int64_t account
) noexcept nogil:
    """Market order; ``tif`` is plain."""
    cdef Side* against = side_of(book, -<int>side)
    cdef int64_t leaves
    cdef int code = entry_refusal(order_id, side, account)
    if not code:
        code = quantity_refusal(book, quantity)
    if not code and find_order(&book.orders, order_id):
        code = DUPLICATE_ID
    if code:
        return code
    if not reserve_rows(&book.desk.rows, SAFE_ROWS):
        return NO_MEMORY
    emit(&book.desk.rows, ACCEPTED, order_id, side, 0, quantity, 0)
    if tif == FOK and available(book, against, ANY_RANK, quantity) < quantity:
        emit(&book.desk.rows, CANCELLED, order_id, quantity, FOK_UNFILLABLE, 0, 0)
        return 0
    leaves = match(book, against, order_id, quantity, ANY_RANK)
    if leaves == NO_MEMORY or not reserve_rows(&book.desk.rows, 1):
        return NO_MEMORY
    if leaves:
        emit(&book.desk.rows, CANCELLED, order_id, leaves, MARKET_REMAINDER, 0, 0)
    return 0


cdef inline int cancel_order(Book* book, int64_t order_id, bint later) noexcept nogil:
    """Cancel; its leaving the queue may wait if ``later``."""
    cdef uint32_t slot = find_order(&book.orders, order_id)
    if slot == 0:
        return UNKNOWN_ORDER
    if not reserve_rows(&book.desk.rows, SAFE_ROWS):
        return NO_MEMORY
    emit(&book.desk.rows, CANCELLED, order_id, leaves_of(book, slot), REQUESTED, 0, 0)
    if later:
        leave_later(book, slot)
    else:
        leave(book, slot)
    return 0


cdef inline int reduce_order(Book* book, int64_t order_id, int64_t by) noexcept nogil:
    cdef uint32_t slot = find_order(&book.orders, order_id)
    if slot == 0:
        return UNKNOWN_ORDER
    if by < 1 or by > MAX_QUANTITY:
        return BAD_QUANTITY
    if by % book.limits.lot:
        return BAD_LOT
    if by >= leaves_of(book, slot):
        return cancel_order(book, order_id, False)
    if not reserve_rows(&book.desk.rows, SAFE_ROWS):
        return NO_MEMORY
    shrink(book, slot, by)
    emit(&book.desk.rows, REDUCED, order_id, leaves_of(book, slot), 0, 0, 0)
    return 0


cdef inline int replace_order(
    Book* book, int64_t order_id, int64_t quantity, int64_t price
) noexcept nogil:
    cdef uint32_t slot = find_order(&book.orders, order_id)
    cdef int64_t leaves, total
    cdef Arena* arena = &book.desk.arena
    cdef Order order
    cdef Extra extra
    cdef int sign
    cdef int code = 0 if slot else UNKNOWN_ORDER
    if not code:
        code = quantity_refusal(book, quantity)
    if not code and book.orders.at[slot].flags & EXTRA_FLAG:
        extra = book.orders.extra[slot]
        if extra.display and (quantity - 1) // extra.display >= MAX_TRANCHES:
            code = BAD_INSTRUCTION
    if not code:
        code = price_refusal(book, price)
    if not code and quantity < book.orders.at[slot].executed:
        code = BELOW_EXECUTED
    if code:
        return code
    order = book.orders.at[slot]
    sign = book.levels.at[order.level].sign
    if not reserve_rows(&book.desk.rows, SAFE_ROWS):
        return NO_MEMORY
    # It will rest in the slot that it leaves.
    if not reserve_level(arena, &book.levels, side_of(book, sign), price):
        return NO_MEMORY
    leaves = quantity - order.executed
    total = order.executed + leaves_of(book, slot)
    if leaves and price == order.price and quantity <= total:
        shrink(book, slot, total - quantity)
        emit(&book.desk.rows, REPLACED, order_id, price, quantity, leaves, 1)
        return 0
    memset(&extra, 0, sizeof(extra))
    if order.flags & EXTRA_FLAG:
        extra = book.orders.extra[slot]
    leave(book, slot)
    emit(&book.desk.rows, REPLACED, order_id, price, quantity, leaves, 0)
    leaves = match(book, side_of(book, -sign), order_id, leaves, -price * sign)
    if leaves == NO_MEMORY:
        return NO_MEMORY
    if leaves:
        order.price = price
        order.executed = quantity - leaves
        order.open = leaves
        if extra.display and not order.flags & HIDDEN_FLAG:
            order.open = min(extra.display, leaves)
        extra.reserve = leaves - order.open
        rest(book, sign, &order, &extra)
    return 0


cdef inline int run(Book* book, const int64_t* row) noexcept nogil:
    """One command row."""
    if row[0] == OP_LIMIT:
        return limit_order(book, row[1], row[2], row[3], row[4], row[5], row[6], False)
    if row[0] == OP_CANCEL:
        return cancel_order(book, row[1], False)
    if row[0] == OP_MARKET:
        return market_order(book, row[1], row[2], row[4], row[5], row[6])
    if row[0] == OP_REDUCE:
        return reduce_order(book, row[1], row[4])
    if row[0] == OP_REPLACE:
        return replace_order(book, row[1], row[4], row[3])
    return BAD_INSTRUCTION
