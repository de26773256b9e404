"""Order records in one flat array, and the index from order id to slot.

Slot 0 stands for none. Free slots are chained through ``next``. All memory is grown by doubling,
ahead of the command that may need it, so that nothing fails half-way.
"""

from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree, PyMem_RawRealloc
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memset


cdef enum:
    FIRST_ORDERS = 16
    HIDDEN_FLAG = 1
    EXTRA_FLAG = 2  # the slot's Extra holds something
    TIF_SHIFT = 8
    # Ids are hashed in runs of this many (a power of two), so that neighbours in number, which
    # come one after another, share a cache line.
    RUN_BITS = 2
    RUN_MASK = 3


ctypedef struct Order:  # one cache line
    int64_t order_id
    int64_t price
    int64_t open  # what may trade next: visible, or a hidden order's leaves
    int64_t executed
    int64_t account
    int64_t seq  # grows with each joining of a queue: what check_ladder goes by
    uint32_t level
    uint32_t next
    uint32_t prev
    uint32_t flags


ctypedef struct Extra:  # what a plain order lacks
    int64_t reserve
    int64_t display
    int64_t session
    int64_t broker


ctypedef struct Orders:
    Order* at
    Extra* extra  # NULL until an order needs it
    uint64_t* index  # hash in the upper half, slot in the lower; 0 is free
    uint32_t index_bits
    uint32_t capacity
    uint32_t top  # slots ever used
    uint32_t free
    uint32_t count


cdef extern from *:
    """
    #if defined(__GNUC__)
    #define MERIDIAN_PREFETCH(address) __builtin_prefetch((address), 1)
    #else
    #define MERIDIAN_PREFETCH(address) ((void)(address))
    #endif
    """
    void prefetch "MERIDIAN_PREFETCH" (const void* address) noexcept nogil


cdef inline bint resize(void** memory, size_t items, size_t size) noexcept nogil:
    """Reallocate; on failure the old memory stands."""
    cdef void* grown = PyMem_RawRealloc(memory[0], items * size)
    if grown == NULL:
        return False
    memory[0] = grown
    return True


cdef inline uint64_t hash_id(int64_t order_id) noexcept nogil:
    """32 bits: those of the run, then the place in the run."""
    cdef uint64_t run = <uint64_t>order_id >> RUN_BITS
    run = (run * <uint64_t>0x9E3779B97F4A7C15) >> (32 + RUN_BITS)
    return run << RUN_BITS | <uint64_t>order_id & RUN_MASK


cdef inline uint64_t home(uint64_t hashed, uint32_t bits) noexcept nogil:
    """Where the search for a hash begins in an index of ``1 << bits`` entries."""
    return hashed >> RUN_BITS >> (32 - bits) << RUN_BITS | hashed & RUN_MASK


cdef inline uint32_t find_order(Orders* orders, int64_t order_id) noexcept nogil:
    """Slot of an order, or 0."""
    cdef uint64_t hashed = hash_id(order_id)
    cdef uint64_t mask = (<uint64_t>1 << orders.index_bits) - 1
    cdef uint64_t place = home(hashed, orders.index_bits)
    cdef uint64_t entry = orders.index[place]
    while entry != 0:
        if entry >> 32 == hashed and orders.at[<uint32_t>entry].order_id == order_id:
            return <uint32_t>entry
        place = place + 1 & mask
        entry = orders.index[place]
    return 0


cdef inline uint32_t guess_order(Orders* orders, int64_t order_id) noexcept nogil:
    """Slot of an order, most likely, or 0: as ``find_order`` without a look at the record."""
    cdef uint64_t hashed = hash_id(order_id)
    cdef uint64_t mask = (<uint64_t>1 << orders.index_bits) - 1
    cdef uint64_t place = home(hashed, orders.index_bits)
    while orders.index[place] != 0 and orders.index[place] >> 32 != hashed:
        place = place + 1 & mask
    return <uint32_t>orders.index[place]


cdef inline void prefetch_index(Orders* orders, int64_t order_id) noexcept nogil:
    prefetch(&orders.index[home(hash_id(order_id), orders.index_bits)])


cdef inline void prefetch_order(Orders* orders, int64_t order_id) noexcept nogil:
    prefetch(&orders.at[guess_order(orders, order_id)])


cdef inline void prefetch_neighbours(Orders* orders, int64_t order_id) noexcept nogil:
    """What leaving its queue will touch; of an order whose record was prefetched before."""
    cdef Order* order = &orders.at[guess_order(orders, order_id)]
    prefetch(&orders.at[order.prev])
    prefetch(&orders.at[order.next])


cdef inline void put_entry(uint64_t* index, uint32_t bits, uint64_t entry) noexcept nogil:
    cdef uint64_t mask = (<uint64_t>1 << bits) - 1
    cdef uint64_t place = home(entry >> 32, bits)
    while index[place] != 0:
        place = place + 1 & mask
    index[place] = entry


cdef inline void drop_entry(Orders* orders, uint32_t slot) noexcept nogil:
    """Remove an order's entry and close the gap, so that searches need no tombstones."""
    cdef uint64_t hashed = hash_id(orders.at[slot].order_id)
    cdef uint64_t mask = (<uint64_t>1 << orders.index_bits) - 1
    cdef uint64_t gap = home(hashed, orders.index_bits)
    cdef uint64_t place, entry
    while <uint32_t>orders.index[gap] != slot:
        gap = gap + 1 & mask
    place = gap + 1 & mask
    entry = orders.index[place]
    while entry != 0:
        # An entry moves back unless its home lies between the gap and itself.
        if (place - home(entry >> 32, orders.index_bits) & mask) >= (place - gap & mask):
            orders.index[gap] = entry
            gap = place
        place = place + 1 & mask
        entry = orders.index[place]
    orders.index[gap] = 0


cdef inline bint grow_index(Orders* orders, uint32_t bits) noexcept nogil:
    cdef size_t size = <size_t>1 << orders.index_bits
    cdef size_t place
    cdef uint64_t* index = <uint64_t*>PyMem_RawCalloc(<size_t>1 << bits, sizeof(uint64_t))
    if index == NULL:
        return False
    if orders.index != NULL:
        for place in range(size):
            if orders.index[place] != 0:
                put_entry(index, bits, orders.index[place])
        PyMem_RawFree(orders.index)
    orders.index = index
    orders.index_bits = bits
    return True


cdef inline bint grow_orders(Orders* orders) noexcept nogil:
    cdef size_t capacity = <size_t>orders.capacity * 2 if orders.capacity else FIRST_ORDERS
    if capacity > <uint32_t>0xFFFFFFFF:
        return False
    if not resize(<void**>&orders.at, capacity, sizeof(Order)):
        return False
    if orders.extra != NULL and not resize(<void**>&orders.extra, capacity, sizeof(Extra)):
        return False
    # The index stays at most half full.
    if not grow_index(orders, orders.index_bits + 1 if orders.capacity else 5):
        return False
    if orders.top == 0:
        memset(&orders.at[0], 0, sizeof(Order))
        orders.top = 1
    orders.capacity = <uint32_t>capacity
    return True


cdef inline bint reserve_order(Orders* orders) noexcept nogil:
    """Make sure that the next ``new_order`` has a slot. False: no memory, nothing changed."""
    if orders.free != 0 or orders.top < orders.capacity:
        return True
    return grow_orders(orders)


cdef inline bint reserve_extra(Orders* orders) noexcept nogil:
    """Make sure that slots have an Extra. False: no memory, nothing changed."""
    return orders.extra != NULL or resize(
        <void**>&orders.extra, orders.capacity, sizeof(Extra)
    )


cdef inline uint32_t new_order(Orders* orders, int64_t order_id) noexcept nogil:
    """A slot for an order, already in the index; room was reserved before."""
    cdef uint32_t slot = orders.free
    if slot != 0:
        orders.free = orders.at[slot].next
    else:
        slot = orders.top
        orders.top += 1
    orders.count += 1
    orders.at[slot].order_id = order_id
    put_entry(orders.index, orders.index_bits, hash_id(order_id) << 32 | slot)
    return slot


cdef inline void free_order(Orders* orders, uint32_t slot) noexcept nogil:
    """Give a slot back; the order is in no queue any more."""
    drop_entry(orders, slot)
    orders.at[slot].next = orders.free
    orders.free = slot
    orders.count -= 1


cdef inline int64_t reserve_of(Orders* orders, uint32_t slot) noexcept nogil:
    """What an order holds beyond ``open``."""
    return orders.extra[slot].reserve if orders.at[slot].flags & EXTRA_FLAG else 0


cdef inline void free_orders(Orders* orders) noexcept nogil:
    PyMem_RawFree(orders.at)
    PyMem_RawFree(orders.extra)
    PyMem_RawFree(orders.index)
