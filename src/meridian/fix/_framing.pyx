# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Where a FIX message in a buffer ends, and where its fields lie: the native twin of
``pure_framing.py``."""

from cpython.mem cimport PyMem_Realloc
from libc.string cimport memchr, memcmp

from meridian.fix import verdicts
from meridian.fix.data_fields import DATA_TAGS
from meridian.fix.formats import MAX_DIGITS as _MAX_DIGITS

cdef int MESSAGE = verdicts.MESSAGE
cdef int MORE = verdicts.MORE
cdef int GARBLED_PREFIX = verdicts.GARBLED_PREFIX
cdef int GARBLED_ORDER = verdicts.GARBLED_ORDER
cdef int GARBLED_LENGTH = verdicts.GARBLED_LENGTH
cdef int GARBLED_CHECKSUM = verdicts.GARBLED_CHECKSUM
cdef int GARBLED_FIELD = verdicts.GARBLED_FIELD
cdef int GARBLED_DATA = verdicts.GARBLED_DATA
cdef Py_ssize_t MAX_MESSAGE = verdicts.MAX_MESSAGE
cdef Py_ssize_t MAX_STRAY = verdicts.MAX_STRAY
cdef Py_ssize_t MAX_BEGIN = verdicts.MAX_BEGIN
cdef Py_ssize_t MAX_LENGTH_DIGITS = verdicts.MAX_LENGTH_DIGITS
cdef Py_ssize_t MAX_TAG_DIGITS = verdicts.MAX_TAG_DIGITS
cdef Py_ssize_t MAX_DIGITS = _MAX_DIGITS

cdef enum:
    SOH = 1
    ZERO = 48
    NINE = 57
    EQUALS = 61
    MINUS = 45
    MARK_SIZE = 5
    TRAILER_SIZE = 8
    MSG_TYPE = 35
    THIRD = 2
    FIRST_FIELDS = 64  # room of the index before it grows
    TAGS = 65536

cdef const char* MARK = "8=FIX"
cdef const char* TRAILER = "10="

# One message is indexed at a time; its owner copies the index. A message of MAX_MESSAGE bytes
# has less than a third as many fields, which bounds this.
cdef Field* scratch = NULL
cdef Py_ssize_t room = 0

cdef unsigned short[TAGS] data_tags  # tag of a length -> tag of its data, else 0
for _length, _data in DATA_TAGS.items():
    data_tags[_length] = _data


cdef inline Py_ssize_t find_byte(Bytes data, int byte, Py_ssize_t start, Py_ssize_t stop) noexcept:
    """Position of ``byte`` in [start, stop), or -1."""
    if start >= stop:
        return -1
    cdef Bytes hit = <Bytes>memchr(data + start, byte, stop - start)
    return -1 if hit is NULL else hit - data


cdef Py_ssize_t find_mark(Bytes data, Py_ssize_t start, Py_ssize_t size) noexcept:
    """Position of MARK, or of a tail that may yet become one, or ``size``."""
    cdef Py_ssize_t at = start
    while True:
        at = find_byte(data, MARK[0], at, size)
        if at < 0:
            return size
        if memcmp(data + at, MARK, min(<Py_ssize_t>MARK_SIZE, size - at)) == 0:
            return at
        at += 1


cdef Py_ssize_t find_trailer(Bytes data, Py_ssize_t start, Py_ssize_t stop) noexcept:
    """Position of SOH 10= that lies whole in [start, stop), or -1."""
    cdef Py_ssize_t at = start
    while True:
        at = find_byte(data, SOH, at, stop - 3)
        if at < 0 or memcmp(data + at + 1, TRAILER, 3) == 0:
            return at
        at += 1


cdef int frame(Bytes data, Py_ssize_t start, Py_ssize_t size, Py_ssize_t* end) noexcept:
    """The verdict on the bytes at ``start``; see ``pure_framing.frame``."""
    cdef Py_ssize_t at, first, number = 0, digits = 0
    end[0] = start
    if start >= size:
        return MORE
    at = find_mark(data, start, size)
    # F1: bytes before the next 8= are discarded.
    if at > start:
        end[0] = at
        return GARBLED_PREFIX
    if size - start < MARK_SIZE:
        return MORE
    first = find_byte(data, SOH, start, min(size, start + MAX_BEGIN))
    if first < 0:
        if size - start < MAX_BEGIN:
            return MORE
        end[0] = start + MARK_SIZE
        return GARBLED_ORDER
    # F4: 8, 9, 35 come in this order.
    if (first + 1 < size and data[first + 1] != NINE) or (
        first + 2 < size and data[first + 2] != EQUALS
    ):
        end[0] = first + 1
        return GARBLED_ORDER
    if first + 3 >= size:
        return MORE
    at = first + 3
    # F3: a BodyLength that is no number: nothing of this message can be trusted.
    while at + digits < size and data[at + digits] != SOH:
        if data[at + digits] < ZERO or data[at + digits] > NINE or digits == MAX_LENGTH_DIGITS:
            end[0] = at
            return GARBLED_LENGTH
        number = number * 10 + (data[at + digits] - ZERO)
        digits += 1
    if at + digits >= size:
        return MORE
    if digits == 0 or number > MAX_MESSAGE:
        end[0] = at
        return GARBLED_LENGTH
    return closed(data, start, size, at + digits + number, end)


cdef int closed(
    Bytes data, Py_ssize_t start, Py_ssize_t size, Py_ssize_t expected, Py_ssize_t* end
) noexcept:
    """Close the frame whose last body SOH should stand at ``expected``."""
    cdef Py_ssize_t limit = min(start + MAX_MESSAGE, expected + MAX_STRAY)
    cdef Py_ssize_t stop = min(size, limit)
    cdef Py_ssize_t trailer = find_trailer(data, expected, stop)
    cdef Py_ssize_t close = -1
    cdef Py_ssize_t at
    cdef unsigned char total = 0
    cdef int declared = 0
    # F2: the message ends with the first SOH 10=...SOH at or after where 9= points.
    if trailer >= 0:
        close = find_byte(data, SOH, trailer + 4, stop)
    if close < 0:
        if size < limit:
            return MORE
        end[0] = start + MARK_SIZE
        return GARBLED_LENGTH
    end[0] = close + 1
    if trailer != expected:
        return GARBLED_LENGTH
    if close - trailer != TRAILER_SIZE - 1:
        return GARBLED_CHECKSUM
    for at in range(trailer + 4, close):
        if data[at] < ZERO or data[at] > NINE:
            return GARBLED_CHECKSUM
        declared = declared * 10 + (data[at] - ZERO)
    for at in range(start, trailer + 1):
        total += data[at]
    return MESSAGE if declared == total else GARBLED_CHECKSUM


cdef int index(
    Bytes raw, Py_ssize_t size, Field** fields, Py_ssize_t* count, dict more
) except -1:
    """MESSAGE, and the fields of a framed message in memory that the next call writes over; or
    why it is garbled. ``more`` are data fields beyond the published ones, or None."""
    global scratch, room
    cdef Py_ssize_t at = 0, found = 0, equals, stop, measured = -1
    cdef int tag, data_tag = 0
    cdef bint negative
    cdef Field* grown
    while at < size:
        if found == room:
            room = max(2 * room, <Py_ssize_t>FIRST_FIELDS)
            grown = <Field*>PyMem_Realloc(scratch, room * sizeof(Field))
            if grown is NULL:
                room = found
                raise MemoryError
            scratch = grown
        negative = raw[at] == MINUS
        at += negative
        tag = 0
        equals = at
        # The last byte is SOH, so that this ends.
        while ZERO <= raw[equals] <= NINE and equals - at < MAX_TAG_DIGITS:
            tag = tag * 10 + (raw[equals] - ZERO)
            equals += 1
        if raw[equals] != EQUALS or equals == at:
            return GARBLED_FIELD
        if raw[at] == ZERO and (equals - at > 1 or negative):
            return GARBLED_FIELD
        if negative:
            tag = -tag
        if measured >= 0 and tag == data_tag:
            stop = equals + 1 + measured
            if stop > size - TRAILER_SIZE or raw[stop] != SOH:
                return GARBLED_DATA
        else:
            stop = find_byte(raw, SOH, equals + 1, size)
        scratch[found].tag = tag
        scratch[found].start = equals + 1
        scratch[found].stop = stop
        found += 1
        measured = -1
        data_tag = data_tags[tag] if 0 < tag < TAGS else 0
        if data_tag == 0 and more is not None:
            data_tag = more.get(tag, 0)
        if data_tag:
            measured = measure(raw + equals + 1, stop - equals - 1)
        at = stop + 1
    # F4: 8, 9, 35 come in this order.
    if scratch[THIRD].tag != MSG_TYPE:
        return GARBLED_ORDER
    fields[0] = scratch
    count[0] = found
    return MESSAGE


cdef Py_ssize_t measure(Bytes value, Py_ssize_t size) noexcept:
    """Bytes of data that a length says, -1 where it is no number and measures nothing."""
    cdef Py_ssize_t at, number = 0
    if size == 0:
        return -1
    for at in range(size):
        if value[at] < ZERO or value[at] > NINE:
            return -1
        if size <= MAX_DIGITS:
            number = number * 10 + (value[at] - ZERO)
    return min(number, MAX_MESSAGE) if size <= MAX_DIGITS else MAX_MESSAGE
