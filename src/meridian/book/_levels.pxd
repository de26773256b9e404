"""Price levels in one flat array, and each side's prices in order, the best one last."""

from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memmove, memset

from meridian.book._orders cimport Order, Orders, resize


cdef enum:
    FIRST_LEVELS = 8
    FIRST_HINT_BITS = 4


ctypedef struct Queue:
    uint32_t head
    uint32_t tail
    uint32_t orders


ctypedef struct Level:
    int64_t price  # 0 while the slot is free
    int64_t visible
    int64_t aside  # lots in reserve and in hidden orders
    int sign
    Queue displayed
    Queue hidden


ctypedef struct Levels:
    Level* at
    uint32_t capacity
    uint32_t top
    uint32_t free  # chained through displayed.head


ctypedef struct Side:
    int sign
    uint32_t count
    uint32_t capacity
    uint32_t hint_bits
    int64_t* ranks  # price times sign, ascending
    uint32_t* levels  # the level of each rank
    uint32_t* hints  # by hash of price, the level last seen there; may be wrong


cdef inline uint32_t hint_place(Side* side, int64_t price) noexcept nogil:
    return <uint32_t>(<uint64_t>price * <uint64_t>0x9E3779B97F4A7C15 >> (64 - side.hint_bits))


cdef inline uint32_t position(Side* side, int64_t rank) noexcept nogil:
    """Index of the first rank that is not below ``rank``; quick near the best."""
    cdef int64_t high = side.count
    cdef int64_t low = high - 1
    cdef int64_t step = 1
    cdef int64_t middle
    while low >= 0 and side.ranks[low] >= rank:
        high = low
        low -= step
        step *= 2
    low = max(low, -1) + 1
    while low < high:
        middle = (low + high) // 2
        if side.ranks[middle] < rank:
            low = middle + 1
        else:
            high = middle
    return <uint32_t>low


cdef inline uint32_t find_level(Levels* levels, Side* side, int64_t price) noexcept nogil:
    """Slot of a price's level, or 0."""
    cdef uint32_t* hint = &side.hints[hint_place(side, price)]
    cdef uint32_t place
    if levels.at[hint[0]].price == price and levels.at[hint[0]].sign == side.sign:
        return hint[0]
    place = position(side, price * side.sign)
    if place == side.count or side.ranks[place] != price * side.sign:
        return 0
    hint[0] = side.levels[place]
    return hint[0]


cdef inline bint grow_levels(Levels* levels) noexcept nogil:
    cdef size_t capacity = <size_t>levels.capacity * 2 if levels.capacity else FIRST_LEVELS
    if not resize(<void**>&levels.at, capacity, sizeof(Level)):
        return False
    if levels.top == 0:
        memset(&levels.at[0], 0, sizeof(Level))
        levels.top = 1
    levels.capacity = <uint32_t>capacity
    return True


cdef inline bint grow_side(Side* side) noexcept nogil:
    cdef size_t capacity = <size_t>side.capacity * 2 if side.capacity else FIRST_LEVELS
    cdef uint32_t bits = side.hint_bits + 1 if side.capacity else FIRST_HINT_BITS
    cdef uint32_t* hints
    if not resize(<void**>&side.ranks, capacity, sizeof(int64_t)):
        return False
    if not resize(<void**>&side.levels, capacity, sizeof(uint32_t)):
        return False
    hints = <uint32_t*>PyMem_RawCalloc(<size_t>1 << bits, sizeof(uint32_t))
    if hints == NULL:
        return False
    PyMem_RawFree(side.hints)
    side.hints = hints
    side.hint_bits = bits
    side.capacity = <uint32_t>capacity
    return True


cdef inline bint reserve_level(Levels* levels, Side* side) noexcept nogil:
    """Make sure that the next ``open_level`` has room. False: no memory, nothing changed."""
    if levels.free == 0 and levels.top == levels.capacity and not grow_levels(levels):
        return False
    return side.count < side.capacity or grow_side(side)


cdef inline uint32_t open_level(Levels* levels, Side* side, int64_t price) noexcept nogil:
    """Make the level of a price that has none; room was reserved before."""
    cdef uint32_t slot = levels.free
    cdef uint32_t place = position(side, price * side.sign)
    cdef size_t behind = side.count - place
    if slot != 0:
        levels.free = levels.at[slot].displayed.head
    else:
        slot = levels.top
        levels.top += 1
    memset(&levels.at[slot], 0, sizeof(Level))
    levels.at[slot].price = price
    levels.at[slot].sign = side.sign
    memmove(&side.ranks[place + 1], &side.ranks[place], behind * sizeof(int64_t))
    memmove(&side.levels[place + 1], &side.levels[place], behind * sizeof(uint32_t))
    side.ranks[place] = price * side.sign
    side.levels[place] = slot
    side.count += 1
    side.hints[hint_place(side, price)] = slot
    return slot


cdef inline void close_level(Levels* levels, Side* side, uint32_t slot) noexcept nogil:
    """Drop a level that nobody stands on."""
    cdef uint32_t place = position(side, levels.at[slot].price * side.sign)
    cdef size_t behind = side.count - place - 1
    memmove(&side.ranks[place], &side.ranks[place + 1], behind * sizeof(int64_t))
    memmove(&side.levels[place], &side.levels[place + 1], behind * sizeof(uint32_t))
    side.count -= 1
    # No search may take it for a level: price 0 is no price, but can be asked for.
    levels.at[slot].price = 0
    levels.at[slot].sign = 0
    levels.at[slot].displayed.head = levels.free
    levels.free = slot


cdef inline void push_back(Orders* orders, Queue* queue, uint32_t slot) noexcept nogil:
    cdef Order* order = &orders.at[slot]
    order.prev = queue.tail
    order.next = 0
    if queue.tail != 0:
        orders.at[queue.tail].next = slot
    else:
        queue.head = slot
    queue.tail = slot
    queue.orders += 1


cdef inline void unlink(Orders* orders, Queue* queue, uint32_t slot) noexcept nogil:
    cdef Order* order = &orders.at[slot]
    if order.prev != 0:
        orders.at[order.prev].next = order.next
    else:
        queue.head = order.next
    if order.next != 0:
        orders.at[order.next].prev = order.prev
    else:
        queue.tail = order.prev
    queue.orders -= 1


cdef inline void free_side(Side* side) noexcept nogil:
    PyMem_RawFree(side.ranks)
    PyMem_RawFree(side.levels)
    PyMem_RawFree(side.hints)
