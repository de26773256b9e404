"""Order records in one flat array, and the index from order id to slot.

Slot 0 stands for none. Free slots are chained through ``next``. All memory is grown by doubling,
ahead of the command that may need it, so that nothing fails half-way.

A book of few orders needs no index: a line of tags, one for each slot, stands beside what every
command reads.
"""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from meridian.book._arena cimport Arena, give, larger, prefetch, take, take_zeros


cdef enum:
    FIRST_ORDERS = 8
    TAGGED_ORDERS = 32  # so many slots have tags; a larger array has an index instead
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
    uint64_t* index  # hash in the upper half, slot in the lower; 0 is free; NULL: see tags
    uint32_t index_bits
    uint32_t capacity
    uint32_t top  # slots ever used; with tags, those without are free
    uint32_t free
    uint32_t count
    Extra* extra  # NULL until an order needs it
    uint16_t[TAGGED_ORDERS] tags  # of the id in each slot; 0 is free


cdef extern from *:
    """
    #if defined(__SSE2__)
    #include <emmintrin.h>
    static inline uint32_t meridian_tagged(const uint16_t* tags, uint16_t tag) {
        const __m128i wanted = _mm_set1_epi16((short)tag);
        const __m128i* at = (const __m128i*)tags;
        __m128i low = _mm_packs_epi16(
            _mm_cmpeq_epi16(_mm_loadu_si128(at), wanted),
            _mm_cmpeq_epi16(_mm_loadu_si128(at + 1), wanted));
        __m128i high = _mm_packs_epi16(
            _mm_cmpeq_epi16(_mm_loadu_si128(at + 2), wanted),
            _mm_cmpeq_epi16(_mm_loadu_si128(at + 3), wanted));
        return (uint32_t)_mm_movemask_epi8(low) | (uint32_t)_mm_movemask_epi8(high) << 16;
    }
    #else
    static inline uint32_t meridian_tagged(const uint16_t* tags, uint16_t tag) {
        uint32_t found = 0;
        for (int slot = 0; slot < 32; slot++)
            found |= (uint32_t)(tags[slot] == tag) << slot;
        return found;
    }
    #endif
    #if defined(__GNUC__)
    #define MERIDIAN_LOWEST(bits) ((uint32_t)__builtin_ctz(bits))
    #else
    static inline uint32_t MERIDIAN_LOWEST(uint32_t bits) {
        uint32_t at = 0;
        while (!(bits >> at & 1))
            at++;
        return at;
    }
    #endif
    """
    uint32_t tagged "meridian_tagged" (const uint16_t* tags, uint16_t tag) noexcept nogil
    uint32_t lowest "MERIDIAN_LOWEST" (uint32_t bits) noexcept nogil


cdef inline uint64_t hash_id(int64_t order_id) noexcept nogil:
    """32 bits: those of the run, then the place in the run."""
    cdef uint64_t run = <uint64_t>order_id >> RUN_BITS
    run = (run * <uint64_t>0x9E3779B97F4A7C15) >> (32 + RUN_BITS)
    return run << RUN_BITS | <uint64_t>order_id & RUN_MASK


cdef inline uint16_t tag_of(int64_t order_id) noexcept nogil:
    """Of an id, never 0."""
    return <uint16_t>(<uint64_t>order_id * <uint64_t>0x9E3779B97F4A7C15 >> 48) | 1


cdef inline uint64_t home(uint64_t hashed, uint32_t bits) noexcept nogil:
    """Where the search for a hash begins in an index of ``1 << bits`` entries."""
    return hashed >> RUN_BITS >> (32 - bits) << RUN_BITS | hashed & RUN_MASK


cdef inline uint32_t find_order(Orders* orders, int64_t order_id) noexcept nogil:
    """Slot of an order, or 0."""
    cdef uint64_t hashed, mask, place, entry
    cdef uint32_t found
    if orders.index == NULL:
        found = tagged(orders.tags, tag_of(order_id))
        while found:
            if orders.at[lowest(found)].order_id == order_id:
                return lowest(found)
            found &= found - 1
        return 0
    hashed = hash_id(order_id)
    mask = (<uint64_t>1 << orders.index_bits) - 1
    place = home(hashed, orders.index_bits)
    entry = orders.index[place]
    while entry != 0:
        if entry >> 32 == hashed and orders.at[<uint32_t>entry].order_id == order_id:
            return <uint32_t>entry
        place = place + 1 & mask
        entry = orders.index[place]
    return 0


cdef inline uint32_t guess_order(Orders* orders, int64_t order_id) noexcept nogil:
    """Slot of an order, most likely, or 0: as ``find_order`` without a look at the record."""
    cdef uint64_t hashed, mask, place
    cdef uint32_t found
    if orders.index == NULL:
        found = tagged(orders.tags, tag_of(order_id))
        return lowest(found) if found else 0
    hashed = hash_id(order_id)
    mask = (<uint64_t>1 << orders.index_bits) - 1
    place = home(hashed, orders.index_bits)
    while orders.index[place] != 0 and orders.index[place] >> 32 != hashed:
        place = place + 1 & mask
    return <uint32_t>orders.index[place]


cdef inline void prefetch_index(Orders* orders, int64_t order_id) noexcept nogil:
    if orders.index != NULL:
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
    cdef uint64_t hashed, mask, gap, place, entry
    if orders.index == NULL:
        orders.tags[slot] = 0
        return
    hashed = hash_id(orders.at[slot].order_id)
    mask = (<uint64_t>1 << orders.index_bits) - 1
    gap = home(hashed, orders.index_bits)
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


cdef inline size_t index_size(Orders* orders) noexcept nogil:
    return sizeof(uint64_t) << orders.index_bits if orders.index != NULL else 0


cdef inline bint grow_index(Arena* arena, Orders* orders, size_t capacity) noexcept nogil:
    """An index for an array of ``capacity``, which stays at most half full."""
    cdef uint32_t bits = orders.index_bits + 1
    cdef uint64_t* index
    cdef size_t place
    cdef uint32_t slot
    if capacity <= TAGGED_ORDERS:
        return True
    while <size_t>1 << bits < 2 * capacity:
        bits += 1
    index = <uint64_t*>take_zeros(arena, sizeof(uint64_t) << bits)
    if index == NULL:
        return False
    if orders.index != NULL:
        for place in range(<size_t>1 << orders.index_bits):
            if orders.index[place] != 0:
                put_entry(index, bits, orders.index[place])
        give(arena, orders.index, index_size(orders))
    else:
        for slot in range(TAGGED_ORDERS):
            if orders.tags[slot]:
                put_entry(index, bits, hash_id(orders.at[slot].order_id) << 32 | slot)
        orders.top = TAGGED_ORDERS
    orders.index = index
    orders.index_bits = bits
    return True


cdef inline bint grow_orders(Arena* arena, Orders* orders) noexcept nogil:
    """Twice the room. False: no memory, nothing changed."""
    cdef size_t capacity = <size_t>orders.capacity * 2 if orders.capacity else FIRST_ORDERS
    cdef Extra* extra = NULL
    cdef Order* at
    if capacity > <uint32_t>0xFFFFFFFF:
        return False
    if orders.extra != NULL:
        extra = <Extra*>take(arena, capacity * sizeof(Extra))
        if extra == NULL:
            return False
    # An index may be too large for its array, not the other way round.
    if (orders.index == NULL or <size_t>1 << orders.index_bits < 2 * capacity) and not grow_index(
        arena, orders, capacity
    ):
        give(arena, extra, capacity * sizeof(Extra))
        return False
    at = <Order*>larger(
        arena, orders.at, orders.capacity * sizeof(Order), capacity * sizeof(Order)
    )
    if at == NULL:
        give(arena, extra, capacity * sizeof(Extra))
        return False
    if extra != NULL:
        memcpy(extra, orders.extra, orders.capacity * sizeof(Extra))
        give(arena, orders.extra, orders.capacity * sizeof(Extra))
        orders.extra = extra
    orders.at = at
    if orders.capacity == 0:
        memset(&orders.at[0], 0, sizeof(Order))
    orders.capacity = <uint32_t>capacity
    return True


cdef inline uint32_t next_slot(Orders* orders) noexcept nogil:
    """The slot that the next order will have; 0 where the array is full."""
    cdef uint32_t untagged
    if orders.index == NULL:
        # Not slot 0, nor one beyond the array.
        untagged = tagged(orders.tags, 0) & ~<uint32_t>1
        if orders.capacity < TAGGED_ORDERS:
            untagged &= (<uint32_t>1 << orders.capacity) - 1
        return lowest(untagged) if untagged else 0
    if orders.free:
        return orders.free
    return orders.top if orders.top < orders.capacity else 0


cdef inline bint reserve_order(Arena* arena, Orders* orders) noexcept nogil:
    """Make sure that the next ``new_order`` has a slot. False: no memory, nothing changed."""
    return next_slot(orders) != 0 or grow_orders(arena, orders)


cdef inline bint reserve_extra(Arena* arena, Orders* orders) noexcept nogil:
    """Make sure that slots have an Extra. False: no memory, nothing changed."""
    if orders.extra == NULL:
        orders.extra = <Extra*>take(arena, orders.capacity * sizeof(Extra))
    return orders.extra != NULL


cdef inline uint32_t new_order(Orders* orders, int64_t order_id) noexcept nogil:
    """A slot for an order, already in the index; room was reserved before."""
    cdef uint32_t slot = next_slot(orders)
    orders.count += 1
    orders.at[slot].order_id = order_id
    if orders.index == NULL:
        orders.tags[slot] = tag_of(order_id)
        return slot
    if orders.free:
        orders.free = orders.at[slot].next
    else:
        orders.top += 1
    put_entry(orders.index, orders.index_bits, hash_id(order_id) << 32 | slot)
    return slot


cdef inline void free_slot(Orders* orders, uint32_t slot) noexcept nogil:
    """Give back the slot of an order that is in no queue and not in the index any more."""
    if orders.index != NULL:
        orders.at[slot].next = orders.free
        orders.free = slot
    orders.count -= 1


cdef inline int64_t reserve_of(Orders* orders, uint32_t slot) noexcept nogil:
    """What an order holds beyond ``open``."""
    return orders.extra[slot].reserve if orders.at[slot].flags & EXTRA_FLAG else 0


cdef inline size_t orders_size(Orders* orders) noexcept nogil:
    """Bytes of the arrays."""
    cdef size_t size = orders.capacity * sizeof(Order) + index_size(orders)
    if orders.extra != NULL:
        size += orders.capacity * sizeof(Extra)
    return size


cdef inline void free_orders(Arena* arena, Orders* orders) noexcept nogil:
    give(arena, orders.at, orders.capacity * sizeof(Order))
    give(arena, orders.extra, orders.capacity * sizeof(Extra))
    give(arena, orders.index, index_size(orders))
