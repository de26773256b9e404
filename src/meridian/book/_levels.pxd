"""Price levels in one flat array, and each side's prices in order.

The ordered prices stand in pages, so that a book of very many prices moves a page, not all of them,
when a level opens. Whoever walks a side walks the pages from the back, where the best price is.
"""

from libc.stdint cimport INT64_MIN, int8_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memmove, memset

from meridian.book._arena cimport LINE, Arena, give, larger, prefetch, take, take_zeros
from meridian.book._orders cimport Order, Orders


cdef enum:
    FIRST_LEVELS = 8
    FIRST_PAGE = 16
    FIRST_PAGES = 4
    PAGE_LEVELS = 256  # a page this full is split
    FEW_LEVELS = 16  # a page of so many is searched from end to end
    UNHINTED_LEVELS = 16  # a side of more has hints
    FIRST_HINT_BITS = 6


ctypedef struct Queue:
    uint32_t head
    uint32_t tail
    uint32_t orders


ctypedef packed struct Lots:  # orders of 2**53 lots soon add up to more than one word holds
    uint64_t low
    uint32_t high


ctypedef struct Level:  # one cache line
    int64_t price  # 0 while the slot is free
    Lots visible
    Lots aside  # in reserve and in hidden orders
    Queue displayed
    Queue hidden
    int sign


ctypedef struct Levels:
    Level* at
    uint32_t capacity
    uint32_t top
    uint32_t free  # chained through displayed.head


ctypedef struct Page:
    int64_t* ranks  # price times sign, ascending; the levels follow in the same block
    uint32_t* levels  # the level of each rank
    uint32_t count
    uint32_t capacity
    int64_t low  # ranks from here to the next page's low belong here


ctypedef struct Side:
    int64_t best_rank  # NO_RANK where there is none
    Page* pages  # ``first`` while there is but one
    Page first
    uint32_t best  # level, 0 where there is none
    uint32_t count
    uint32_t best_page  # the last that anything stands on, or 0
    uint32_t page_count
    uint32_t page_capacity
    int8_t sign
    uint8_t hint_bits
    uint32_t* hints  # by hash of price, a level, perhaps the right one; NULL in a small side


ctypedef struct Place:  # of a price on a side
    uint32_t level  # 0 where the price has none
    uint32_t page  # and there it would stand
    uint32_t at


ctypedef struct Walk:  # over the levels of a side, best first
    Side* side
    uint32_t page
    uint32_t left  # in this page


cdef extern from *:
    """
    #define MERIDIAN_NO_RANK INT64_MIN
    #define MERIDIAN_ANY_RANK (INT64_MIN + 1)
    """
    const int64_t NO_RANK "MERIDIAN_NO_RANK"  # below every bound
    const int64_t ANY_RANK "MERIDIAN_ANY_RANK"  # the bound of who takes any price


cdef inline void more(Lots* lots, int64_t by) noexcept nogil:
    lots.low += <uint64_t>by
    lots.high += lots.low < <uint64_t>by


cdef inline void fewer(Lots* lots, int64_t by) noexcept nogil:
    lots.high -= lots.low < <uint64_t>by
    lots.low -= <uint64_t>by


cdef inline int64_t at_most(const Lots* lots, int64_t bound) noexcept nogil:
    """The lots, or ``bound`` where there are as many."""
    return bound if lots.high or lots.low >= <uint64_t>bound else <int64_t>lots.low


cdef inline Walk from_best(Side* side) noexcept nogil:
    cdef Walk walk
    walk.side = side
    walk.page = side.best_page
    walk.left = side.pages[walk.page].count
    return walk


cdef inline uint32_t next_level(Walk* walk) noexcept nogil:
    """The next level's slot, or 0."""
    cdef Side* side = walk.side
    # Whoever walks may make Python collect, which may run anything: pages, and how much stands on
    # them, are looked up each time.
    while walk.left == 0 or walk.page >= side.page_count or side.pages[walk.page].count == 0:
        if walk.page == 0:
            return 0
        walk.page -= 1
        walk.left = PAGE_LEVELS
    walk.left = min(walk.left, side.pages[walk.page].count) - 1
    return side.pages[walk.page].levels[walk.left]


cdef inline uint32_t hash_price(int64_t price, uint32_t bits) noexcept nogil:
    return <uint32_t>(<uint64_t>price * <uint64_t>0x9E3779B97F4A7C15 >> (64 - bits))


cdef inline uint32_t page_of(Side* side, int64_t rank) noexcept nogil:
    """Index of the page a rank belongs to."""
    cdef uint32_t low = 0, high = side.page_count - 1
    cdef uint32_t middle
    if high == 0 or rank >= side.pages[high].low:
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
    cdef int below = 0
    cdef int at
    if high <= FEW_LEVELS:
        # As many steps whatever stands there, and no branch to mispredict.
        for at in range(FEW_LEVELS):
            below += (page.ranks[at] < rank) & (at < high)
        return below
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


cdef inline bint stands_at(Levels* levels, Side* side, uint32_t slot, int64_t price) noexcept nogil:
    """Whether a slot is the level of a price."""
    return levels.at[slot].price == price and levels.at[slot].sign == side.sign


cdef inline Place seek_level(Levels* levels, Side* side, int64_t price) noexcept nogil:
    """Where a price has its level, or would have it."""
    cdef int64_t rank = price * side.sign
    cdef Place place = Place(0, 0, 0)
    cdef uint32_t* hint = NULL
    cdef Page* page
    if side.hints != NULL:
        hint = &side.hints[hash_price(price, side.hint_bits)]
        if stands_at(levels, side, hint[0], price):
            place.level = hint[0]
            return place
    place.page = page_of(side, rank)
    page = &side.pages[place.page]
    place.at = position(page, rank)
    if place.at < page.count and page.ranks[place.at] == rank:
        place.level = page.levels[place.at]
        if hint != NULL:
            hint[0] = place.level
    return place


cdef inline uint32_t find_level(Levels* levels, Side* side, int64_t price) noexcept nogil:
    """Slot of a price's level, or 0; the price may be any number."""
    return seek_level(levels, side, price).level if price > 0 else 0


cdef inline uint32_t next_level_slot(Levels* levels) noexcept nogil:
    """The slot that the next level will have."""
    return levels.free if levels.free else levels.top


cdef inline void prefetch_prices(Side* side, int64_t price) noexcept nogil:
    """Fetch what ``find_level`` will read first."""
    cdef Page* page = &side.pages[side.best_page]
    if side.hints != NULL:
        prefetch(&side.hints[hash_price(price, side.hint_bits)])
        return
    prefetch(page.ranks)
    prefetch(page.ranks + LINE // sizeof(int64_t))
    prefetch(page.levels)


cdef inline bint grow_levels(Arena* arena, Levels* levels) noexcept nogil:
    cdef size_t capacity = <size_t>levels.capacity * 2 if levels.capacity else FIRST_LEVELS
    cdef Level* at = <Level*>larger(
        arena, levels.at, levels.capacity * sizeof(Level), capacity * sizeof(Level)
    )
    if at == NULL:
        return False
    levels.at = at
    if levels.top == 0:
        memset(&levels.at[0], 0, sizeof(Level))
        levels.top = 1
    levels.capacity = <uint32_t>capacity
    return True


cdef inline size_t page_size(uint32_t capacity) noexcept nogil:
    return capacity * (sizeof(int64_t) + sizeof(uint32_t))


cdef inline bint grow_page(Arena* arena, Page* page, uint32_t capacity) noexcept nogil:
    cdef int64_t* ranks = <int64_t*>take(arena, page_size(capacity))
    cdef uint32_t* levels = <uint32_t*>(ranks + capacity)
    if ranks == NULL:
        return False
    if page.ranks != NULL:
        memcpy(ranks, page.ranks, page.count * sizeof(int64_t))
        memcpy(levels, page.levels, page.count * sizeof(uint32_t))
        give(arena, page.ranks, page_size(page.capacity))
    page.ranks = ranks
    page.levels = levels
    page.capacity = capacity
    return True


cdef inline void drop_empty_pages(Arena* arena, Side* side) noexcept nogil:
    """Forget pages that nothing stands on, but for the first, to which the lowest ranks belong."""
    cdef uint32_t kept = 1
    cdef uint32_t at
    for at in range(1, side.page_count):
        if side.pages[at].count:
            side.pages[kept] = side.pages[at]
            kept += 1
        else:
            give(arena, side.pages[at].ranks, page_size(side.pages[at].capacity))
    side.page_count = kept
    side.best_page = kept - 1


cdef inline bint grow_pages(Arena* arena, Side* side) noexcept nogil:
    cdef uint32_t capacity = side.page_capacity * 2 if side.page_capacity else FIRST_PAGES
    cdef Page* pages
    if side.page_capacity:
        pages = <Page*>larger(
            arena, side.pages, side.page_capacity * sizeof(Page), capacity * sizeof(Page)
        )
    else:
        pages = <Page*>take(arena, capacity * sizeof(Page))
    if pages == NULL:
        return False
    if side.page_capacity == 0:
        pages[0] = side.first
    side.pages = pages
    side.page_capacity = capacity
    return True


cdef inline bint split_page(Arena* arena, Side* side, uint32_t at) noexcept nogil:
    """Move the better half of a page to a new one behind it."""
    cdef uint32_t half = side.pages[at].count // 2
    cdef Page* page
    cdef Page new
    if side.page_count >= side.page_capacity and not grow_pages(arena, side):
        return False
    memset(&new, 0, sizeof(Page))
    if not grow_page(arena, &new, PAGE_LEVELS):
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
    side.best_page = side.page_count - 1
    return True


cdef inline size_t hints_size(Side* side) noexcept nogil:
    return sizeof(uint32_t) << side.hint_bits if side.hints != NULL else 0


cdef inline bint hinted(Side* side) noexcept nogil:
    """Whether one level more has hints enough: at least twice as many as levels."""
    if side.hints == NULL:
        return side.count < UNHINTED_LEVELS
    return side.count >> (side.hint_bits - 1) == 0


cdef inline bint grow_hints(Arena* arena, Side* side) noexcept nogil:
    cdef uint32_t bits = side.hint_bits + 1 if side.hints != NULL else FIRST_HINT_BITS
    cdef uint32_t* hints = <uint32_t*>take_zeros(arena, sizeof(uint32_t) << bits)
    if hints == NULL:
        return False
    give(arena, side.hints, hints_size(side))
    side.hints = hints
    side.hint_bits = <uint8_t>bits
    return True


cdef inline bint start_side(Arena* arena, Side* side, int sign) noexcept nogil:
    """Give a side its first page. False: no memory."""
    side.sign = <int8_t>sign
    side.best_rank = NO_RANK
    side.pages = &side.first
    side.page_count = 1
    side.first.low = INT64_MIN
    return grow_page(arena, &side.first, FIRST_PAGE)


cdef inline bint reserve_level(
    Arena* arena, Levels* levels, Side* side, int64_t price
) noexcept nogil:
    """Make sure that a price has a level or room for one. False: no memory, nothing changed."""
    cdef Page* page
    cdef bint room = levels.free != 0 or levels.top < levels.capacity
    if room and side.page_count == 1 and side.pages[0].count < side.pages[0].capacity:
        if hinted(side):
            return True
    if find_level(levels, side, price):
        return True
    if not room and not grow_levels(arena, levels):
        return False
    if not hinted(side) and not grow_hints(arena, side):
        return False
    page = &side.pages[page_of(side, price * side.sign)]
    if page.count < page.capacity:
        return True
    if page.capacity < PAGE_LEVELS:
        return grow_page(arena, page, page.capacity * 2)
    drop_empty_pages(arena, side)
    return split_page(arena, side, page_of(side, price * side.sign))


cdef inline uint32_t open_level(
    Levels* levels, Side* side, int64_t price, Place place
) noexcept nogil:
    """Make the level of a price that has none; room was reserved before."""
    cdef int64_t rank = price * side.sign
    cdef Page* page = &side.pages[place.page]
    cdef size_t behind = page.count - place.at
    cdef uint32_t slot = next_level_slot(levels)
    cdef Level* level
    if levels.free:
        levels.free = levels.at[slot].displayed.head
    else:
        levels.top += 1
    level = &levels.at[slot]
    memset(level, 0, sizeof(Level))
    level.price = price
    level.sign = side.sign
    memmove(&page.ranks[place.at + 1], &page.ranks[place.at], behind * sizeof(int64_t))
    memmove(&page.levels[place.at + 1], &page.levels[place.at], behind * sizeof(uint32_t))
    page.ranks[place.at] = rank
    page.levels[place.at] = slot
    page.count += 1
    side.count += 1
    if rank > side.best_rank:
        side.best_rank = rank
        side.best = slot
        side.best_page = place.page
    if side.hints != NULL:
        side.hints[hash_price(price, side.hint_bits)] = slot
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
    if slot == side.best:
        while side.pages[side.best_page].count == 0 and side.best_page > 0:
            side.best_page -= 1
        page = &side.pages[side.best_page]
        side.best = page.levels[page.count - 1] if page.count else 0
        side.best_rank = page.ranks[page.count - 1] if page.count else NO_RANK
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


cdef inline size_t side_size(Side* side) noexcept nogil:
    """Bytes of the arrays."""
    cdef size_t size = hints_size(side) + side.page_capacity * sizeof(Page)
    cdef uint32_t at
    for at in range(side.page_count):
        size += page_size(side.pages[at].capacity)
    return size


cdef inline void free_side(Arena* arena, Side* side) noexcept nogil:
    cdef uint32_t at
    for at in range(side.page_count):
        give(arena, side.pages[at].ranks, page_size(side.pages[at].capacity))
    if side.page_capacity:
        give(arena, side.pages, side.page_capacity * sizeof(Page))
    give(arena, side.hints, hints_size(side))
