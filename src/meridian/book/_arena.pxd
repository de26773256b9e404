"""Memory for the arrays of all books: blocks cut from a few large chunks.

Ten thousand small books so lie close together, each array on cache lines of its own, in chunks that
the system may map as huge pages. A block that is given back serves the next of its size; the chunks
go back to the system when the last block does, so an arena is never larger than the sum, over the
sizes, of the most that was in use of each. What is larger than ``LARGEST_BLOCK`` is allocated
alone. Nothing here is safe without the interpreter's lock.

Built for AddressSanitizer there are no chunks: each block is an allocation of its own, to the byte,
so that a write beyond it is seen.
"""

from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree, PyMem_RawMalloc, PyMem_RawRealloc
from libc.stdint cimport uintptr_t
from libc.string cimport memcpy, memmove, memset


cdef enum:
    LINE = 64
    SIZES = 18
    LARGEST_BLOCK = 512 * LINE
    FIRST_CHUNK = 1 << 16
    LARGEST_CHUNK = 1 << 22
    HUGE_PAGE = 1 << 21
    BEFORE = sizeof(void*)  # a block allocated alone has its allocation's address before it


cdef extern from *:
    """
    #if defined(__SANITIZE_ADDRESS__)
    #define MERIDIAN_POOLED 0
    #elif defined(__has_feature)
    #if __has_feature(address_sanitizer)
    #define MERIDIAN_POOLED 0
    #endif
    #endif
    #ifndef MERIDIAN_POOLED
    #define MERIDIAN_POOLED 1
    #endif

    #if defined(__linux__)
    #include <sys/mman.h>
    #endif
    #if defined(__linux__) && defined(MADV_HUGEPAGE)
    #define MERIDIAN_ADVISE(memory, size) ((void)madvise((memory), (size), MADV_HUGEPAGE))
    #else
    #define MERIDIAN_ADVISE(memory, size) ((void)(memory), (void)(size))
    #endif

    /* The empty instruction keeps compilers from dropping calls of functions that only fetch. */
    #if defined(__GNUC__)
    #define MERIDIAN_PREFETCH(address) \\
        do { __builtin_prefetch((address), 1); __asm__ volatile(""); } while (0)
    #else
    #define MERIDIAN_PREFETCH(address) ((void)(address))
    #endif
    """
    const bint POOLED "MERIDIAN_POOLED"
    void advise "MERIDIAN_ADVISE" (void* memory, size_t size) noexcept nogil
    void prefetch "MERIDIAN_PREFETCH" (const void* address) noexcept nogil


cdef struct Block:  # while nobody uses it
    Block* next


cdef struct Chunk:  # at its head
    Chunk* next


ctypedef struct Arena:
    Block* free[SIZES]
    Chunk* chunks
    char* fresh  # what is left of the latest chunk
    size_t left
    size_t chunk_size  # of the latest chunk
    size_t reserved  # bytes in chunks
    size_t used  # bytes in blocks of chunks, those given back aside


cdef inline size_t size_of(int kind) noexcept nogil:
    """1, 2, 3, 4, 6, 8, 12 ... lines: block sizes that are no powers of two only, so that books
    do not all compete for the same sets of the cache."""
    if kind < 2:
        return <size_t>LINE << kind
    return (<size_t>LINE * (3 if kind % 2 == 0 else 4)) << ((kind - 2) // 2)


cdef inline int kind_of(size_t size) noexcept nogil:
    cdef int kind = 0
    while size_of(kind) < size:
        kind += 1
    return kind


cdef inline void* aligned(void* memory, size_t to) noexcept nogil:
    return <void*>((<uintptr_t>memory + to - 1) & ~<uintptr_t>(to - 1))


cdef inline void want_huge_pages(void* memory, size_t size) noexcept nogil:
    cdef char* first = <char*>aligned(memory, HUGE_PAGE)
    cdef char* end = <char*>memory + size
    if end >= first + HUGE_PAGE:
        advise(first, <size_t>(end - first) & ~<size_t>(HUGE_PAGE - 1))


cdef inline void keep(Arena* arena, void* memory, int kind) noexcept nogil:
    (<Block*>memory).next = arena.free[kind]
    arena.free[kind] = <Block*>memory


cdef inline bint new_chunk(Arena* arena) noexcept nogil:
    cdef size_t size = min(arena.chunk_size * 2, <size_t>LARGEST_CHUNK)
    cdef Chunk* chunk
    cdef int kind = SIZES - 1
    size = max(size, <size_t>FIRST_CHUNK)
    chunk = <Chunk*>PyMem_RawMalloc(size)
    if chunk == NULL:
        return False
    want_huge_pages(chunk, size)
    # What the last chunk has left will do for smaller blocks.
    while kind >= 0:
        while arena.left >= size_of(kind):
            keep(arena, arena.fresh, kind)
            arena.fresh += size_of(kind)
            arena.left -= size_of(kind)
        kind -= 1
    chunk.next = arena.chunks
    arena.chunks = chunk
    arena.chunk_size = size
    arena.reserved += size
    arena.fresh = <char*>aligned(<char*>chunk + sizeof(Chunk), LINE)
    arena.left = size - <size_t>(arena.fresh - <char*>chunk)
    return True


cdef inline void* place_alone(void* memory) noexcept nogil:
    """Where a block begins in an allocation of its own."""
    cdef void** block
    if memory == NULL:
        return NULL
    block = <void**>aligned(<char*>memory + BEFORE, LINE)
    block[-1] = memory
    return block


cdef inline void* take(Arena* arena, size_t size) noexcept nogil:
    """A block, on a cache line of its own; NULL: no memory."""
    cdef int kind
    cdef Block* block
    if not POOLED:
        return PyMem_RawMalloc(size)
    if size > LARGEST_BLOCK:
        return place_alone(PyMem_RawMalloc(size + LINE + BEFORE))
    kind = kind_of(size)
    block = arena.free[kind]
    if block != NULL:
        arena.free[kind] = block.next
    else:
        if arena.left < size_of(kind) and not new_chunk(arena):
            return NULL
        block = <Block*>arena.fresh
        arena.fresh += size_of(kind)
        arena.left -= size_of(kind)
    arena.used += size_of(kind)
    return block


cdef inline void* take_zeros(Arena* arena, size_t size) noexcept nogil:
    """As ``take``, all zero."""
    cdef void* block
    if POOLED and size > LARGEST_BLOCK:
        # The system's fresh pages are zero as they are.
        return place_alone(PyMem_RawCalloc(1, size + LINE + BEFORE))
    block = take(arena, size)
    if block != NULL:
        memset(block, 0, size)
    return block


cdef inline void give(Arena* arena, void* block, size_t size) noexcept nogil:
    """Give back a block of the size that was asked for; NULL is none."""
    cdef Chunk* chunk
    cdef int kind
    if block == NULL:
        return
    if not POOLED:
        PyMem_RawFree(block)
        return
    if size > LARGEST_BLOCK:
        PyMem_RawFree((<void**>block)[-1])
        return
    kind = kind_of(size)
    keep(arena, block, kind)
    arena.used -= size_of(kind)
    if arena.used == 0:
        while arena.chunks != NULL:
            chunk = arena.chunks
            arena.chunks = chunk.next
            PyMem_RawFree(chunk)
        arena.left = arena.chunk_size = arena.reserved = 0
        for kind in range(SIZES):
            arena.free[kind] = NULL


cdef inline void* larger(Arena* arena, void* old, size_t size, size_t wanted) noexcept nogil:
    """A larger block with what ``old`` holds, which then is gone.

    NULL: no memory, and ``old`` stands.
    """
    cdef void* grown
    cdef void* memory
    cdef size_t offset
    if POOLED and size > LARGEST_BLOCK:
        memory = (<void**>old)[-1]
        offset = <size_t>(<char*>old - <char*>memory)
        memory = PyMem_RawRealloc(memory, wanted + LINE + BEFORE)
        if memory == NULL:
            return NULL
        grown = aligned(<char*>memory + BEFORE, LINE)
        if grown != <char*>memory + offset:
            memmove(grown, <char*>memory + offset, size)
        return place_alone(memory)
    grown = take(arena, wanted)
    if grown != NULL and old != NULL:
        memcpy(grown, old, size)
        give(arena, old, size)
    return grown
