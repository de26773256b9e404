"""Price levels in one flat array, linked from best to worst, and each side's prices in order.

The links serve whoever walks a side. The ordered prices serve a new level, which has to find its
neighbours: they stand in pages, so that a book of very many prices moves a page, not all of them.
"""

from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree
from libc.stdint cimport INT64_MIN, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memmove, memset

from meridian.book._orders cimport Order, Orders, resize


cdef enum:
    FIRST_LEVELS = 8
    FIRST_HINT_BITS = 4
    FIRST_PAGES = 1
    PAGE_LEVELS = 256  # a page this full is split


ctypedef struct Queue:
    uint32_t head
    uint32_t tail
    uint32_t orders


ctypedef struct Lots:  # orders of 2**53 lots soon add up to more than one word holds
    uint64_t low
    uint32_t high


ctypedef struct Level:
    int64_t price  # 0 while the slot is free
    Lots visible
    Lots aside  # in reserve and in hidden orders
    int sign
    uint32_t better
    uint32_t worse
    Queue displayed
    Queue hidden


ctypedef struct Levels:
    Level* at
    uint32_t capacity
    uint32_t top
    uint32_t free  # chained through displayed.head


ctypedef struct Page:
    int64_t low  # ranks from here to the next page's low belong here
    int64_t* ranks  # price times sign, ascending
    uint32_t* levels  # the level of each rank
    uint32_t count
    uint32_t capacity


ctypedef struct Side:
    int sign
    uint32_t best  # level, 0 where there is none
    int64_t best_rank
    uint32_t* hints  # by hash of price, the level last seen there; may be wrong
    uint32_t hint_bits
    uint32_t count
    uint32_t page_count
    uint32_t page_capacity
    Page* pages


cdef inline void more(Lots* lots, int64_t by) noexcept nogil:
    lots.low += <uint64_t>by
    lots.high += lots.low < <uint64_t>by


cdef inline void fewer(Lots* lots, int64_t by) noexcept nogil:
    lots.high -= lots.low < <uint64_t>by
    lots.low -= <uint64_t>by


cdef inline int64_t at_most(const Lots* lots, int64_t bound) noexcept nogil:
    """The lots, or ``bound`` where there are as many."""
    return bound if lots.high or lots.low >= <uint64_t>bound else <int64_t>lots.low


cdef inline uint32_t hint_place(Side* side, int64_t price) noexcept nogil:
    return <uint32_t>(<uint64_t>price * <uint64_t>0x9E3779B97F4A7C15 >> (64 - side.hint_bits))


cdef inline uint32_t page_of(Side* side, int64_t rank) noexcept nogil:
    """Index of the page a rank belongs to."""
    cdef uint32_t low = 0, high = side.page_count - 1
    cdef uint32_t middle
    if rank >= side.pages[high].low:
        return high
    # The answer lies in [low, high).
    while high - low > 1:
        middle = (low + high) // 2
        if side.pages[middle].low <= rank:
            low = middle
        else:
            high = middle
    return low


cdef inline uint32_t position(Page* page, int64_t rank) noexcept nogil:
    """Index of the first rank in a page that is not below ``rank``; quick near the best."""
    cdef int64_t high = page.count
    cdef int64_t low = high - 1
    cdef int64_t step = 1
    cdef int64_t middle
    while low >= 0 and page.ranks[low] >= rank:
        high = low
        low -= step
        step *= 2
    low = max(low, <int64_t>-1) + 1
    while low < high:
        middle = (low + high) // 2
        if page.ranks[middle] < rank:
            low = middle + 1
        else:
            high = middle
    return <uint32_t>low


cdef inline uint32_t find_level(Levels* levels, Side* side, int64_t price) noexcept nogil:
    """Slot of a price's level, or 0."""
    cdef uint32_t* hint = &side.hints[hint_place(side, price)]
    cdef int64_t rank = price * side.sign
    cdef Page* page
    cdef uint32_t place
    if levels.at[hint[0]].price == price and levels.at[hint[0]].sign == side.sign:
        return hint[0]
    page = &side.pages[page_of(side, rank)]
    place = position(page, rank)
    if place == page.count or page.ranks[place] != rank:
        return 0
    hint[0] = page.levels[place]
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


cdef inline bint grow_page(Page* page, uint32_t capacity) noexcept nogil:
    if not resize(<void**>&page.ranks, capacity, sizeof(int64_t)):
        return False
    if not resize(<void**>&page.levels, capacity, sizeof(uint32_t)):
        return False
    page.capacity = capacity
    return True


cdef inline void free_page(Page* page) noexcept nogil:
    PyMem_RawFree(page.ranks)
    PyMem_RawFree(page.levels)


cdef inline void drop_empty_pages(Side* side) noexcept nogil:
    """Forget pages that nothing stands on, but for the first, to which the lowest ranks belong."""
    cdef uint32_t kept = 1
    cdef uint32_t at
    for at in range(1, side.page_count):
        if side.pages[at].count:
            side.pages[kept] = side.pages[at]
            kept += 1
        else:
            free_page(&side.pages[at])
    side.page_count = kept


cdef inline bint split_page(Side* side, uint32_t at) noexcept nogil:
    """Move the better half of a page to a new one behind it."""
    cdef uint32_t half = side.pages[at].count // 2
    cdef Page* page
    cdef Page new
    if side.page_count == side.page_capacity:
        if not resize(<void**>&side.pages, side.page_capacity * <size_t>2, sizeof(Page)):
            return False
        side.page_capacity *= 2
    memset(&new, 0, sizeof(Page))
    if not grow_page(&new, PAGE_LEVELS):
        free_page(&new)
        return False
    page = &side.pages[at]
    new.count = page.count - half
    new.low = page.ranks[half]
    memcpy(new.ranks, page.ranks + half, new.count * sizeof(int64_t))
    memcpy(new.levels, page.levels + half, new.count * sizeof(uint32_t))
    page.count = half
    memmove(page + 2, page + 1, (side.page_count - at - 1) * sizeof(Page))
    page[1] = new
    side.page_count += 1
    return True


cdef inline bint grow_hints(Side* side) noexcept nogil:
    cdef uint32_t bits = side.hint_bits + 1 if side.hint_bits else FIRST_HINT_BITS
    cdef uint32_t* hints = <uint32_t*>PyMem_RawCalloc(<size_t>1 << bits, sizeof(uint32_t))
    if hints == NULL:
        return False
    PyMem_RawFree(side.hints)
    side.hints = hints
    side.hint_bits = bits
    return True


cdef inline bint start_side(Side* side, int sign) noexcept nogil:
    """Give a side its first page. False: no memory."""
    side.sign = sign
    if not grow_hints(side) or not resize(<void**>&side.pages, FIRST_PAGES, sizeof(Page)):
        return False
    memset(side.pages, 0, sizeof(Page))
    side.page_count = side.page_capacity = FIRST_PAGES
    side.pages[0].low = INT64_MIN
    return grow_page(&side.pages[0], FIRST_LEVELS)


cdef inline bint reserve_level(Levels* levels, Side* side, int64_t price) noexcept nogil:
    """Make sure that a price has a level or room for one. False: no memory, nothing changed."""
    cdef uint32_t at
    cdef Page* page
    if find_level(levels, side, price):
        return True
    if levels.free == 0 and levels.top == levels.capacity and not grow_levels(levels):
        return False
    # Hints are at least twice as many as levels.
    if side.count >> (side.hint_bits - 1) and not grow_hints(side):
        return False
    at = page_of(side, price * side.sign)
    page = &side.pages[at]
    if page.count < page.capacity:
        return True
    if page.capacity < PAGE_LEVELS:
        return grow_page(page, page.capacity * 2)
    drop_empty_pages(side)
    return split_page(side, page_of(side, price * side.sign))


cdef inline uint32_t open_level(Levels* levels, Side* side, int64_t price) noexcept nogil:
    """Make the level of a price that has none; room was reserved before."""
    cdef int64_t rank = price * side.sign
    cdef uint32_t at = page_of(side, rank)
    cdef Page* page = &side.pages[at]
    cdef uint32_t place = position(page, rank)
    cdef size_t behind = page.count - place
    cdef uint32_t slot = levels.free
    cdef uint32_t better = page.levels[place] if behind else 0
    cdef Level* level
    while better == 0 and at + 1 < side.page_count:
        at += 1
        better = side.pages[at].levels[0] if side.pages[at].count else 0
    if slot != 0:
        levels.free = levels.at[slot].displayed.head
    else:
        slot = levels.top
        levels.top += 1
    level = &levels.at[slot]
    memset(level, 0, sizeof(Level))
    level.price = price
    level.sign = side.sign
    level.better = better
    if better:
        level.worse = levels.at[better].worse
        levels.at[better].worse = slot
    else:
        level.worse = side.best
        side.best = slot
        side.best_rank = rank
    if level.worse:
        levels.at[level.worse].better = slot
    memmove(&page.ranks[place + 1], &page.ranks[place], behind * sizeof(int64_t))
    memmove(&page.levels[place + 1], &page.levels[place], behind * sizeof(uint32_t))
    page.ranks[place] = rank
    page.levels[place] = slot
    page.count += 1
    side.count += 1
    side.hints[hint_place(side, price)] = slot
    return slot


cdef inline void close_level(Levels* levels, Side* side, uint32_t slot) noexcept nogil:
    """Drop a level that nobody stands on."""
    cdef Level* level = &levels.at[slot]
    cdef int64_t rank = level.price * side.sign
    cdef Page* page = &side.pages[page_of(side, rank)]
    cdef uint32_t place = position(page, rank)
    cdef size_t behind = page.count - place - 1
    memmove(&page.ranks[place], &page.ranks[place + 1], behind * sizeof(int64_t))
    memmove(&page.levels[place], &page.levels[place + 1], behind * sizeof(uint32_t))
    page.count -= 1
    side.count -= 1
    if level.better:
        levels.at[level.better].worse = level.worse
    else:
        side.best = level.worse
        side.best_rank = levels.at[level.worse].price * side.sign
    if level.worse:
        levels.at[level.worse].better = level.better
    # No search may take it for a level: price 0 is no price, but can be asked for.
    level.price = 0
    level.sign = 0
    level.displayed.head = levels.free
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
    cdef uint32_t at
    for at in range(side.page_count):
        free_page(&side.pages[at])
    PyMem_RawFree(side.pages)
    PyMem_RawFree(side.hints)
