# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Find and index one FIX message in a buffer: the native twin of ``pure_scanner.py``."""

from libc.string cimport memchr, memcmp

from meridian.fix import verdicts

cdef int MESSAGE = verdicts.MESSAGE
cdef int MORE = verdicts.MORE
cdef int GARBLED_PREFIX = verdicts.GARBLED_PREFIX
cdef int GARBLED_ORDER = verdicts.GARBLED_ORDER
cdef int GARBLED_LENGTH = verdicts.GARBLED_LENGTH
cdef int GARBLED_CHECKSUM = verdicts.GARBLED_CHECKSUM
cdef int GARBLED_FIELD = verdicts.GARBLED_FIELD
cdef Py_ssize_t MAX_MESSAGE = verdicts.MAX_MESSAGE
cdef Py_ssize_t MAX_BEGIN = verdicts.MAX_BEGIN
cdef Py_ssize_t MAX_LENGTH_DIGITS = verdicts.MAX_LENGTH_DIGITS
cdef Py_ssize_t MAX_TAG_DIGITS = verdicts.MAX_TAG_DIGITS

cdef enum:
    SOH = 1
    ZERO = 48
    NINE = 57
    EQUALS = 61
    MINUS = 45
    MARK_SIZE = 5
    MSG_TYPE = 35
    THIRD_TAG = 6

cdef const char* MARK = "8=FIX"
cdef const char* TRAILER = "10="

ctypedef const unsigned char* Bytes


cdef inline Py_ssize_t find_byte(Bytes data, int byte, Py_ssize_t start, Py_ssize_t stop) noexcept:
    """Position of ``byte`` in [start, stop), or -1."""
    if start >= stop:
        return -1
    cdef Bytes hit = <Bytes>memchr(data + start, byte, stop - start)
    return -1 if hit is NULL else hit - data


cdef Py_ssize_t find_mark(Bytes data, Py_ssize_t start, Py_ssize_t size) noexcept:
    """Position of MARK, or of a tail that may yet become one, or ``size``."""
    cdef Py_ssize_t at = start
    cdef Py_ssize_t length
    while True:
        at = find_byte(data, MARK[0], at, size)
        if at < 0:
            return size
        length = min(<Py_ssize_t>MARK_SIZE, size - at)
        if memcmp(data + at, MARK, length) == 0:
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


def scan(const unsigned char[::1] data not None, Py_ssize_t start):
    """Look for one message at ``start``; see ``pure_scanner.scan``."""
    cdef Py_ssize_t size = data.shape[0]
    if start < 0:
        raise ValueError(f"expected start >= 0, got {start}")
    if start >= size:
        return MORE, start, []
    return scan_bytes(&data[0], start, size)


cdef tuple scan_bytes(Bytes data, Py_ssize_t start, Py_ssize_t size):
    cdef Py_ssize_t at = find_mark(data, start, size)
    cdef Py_ssize_t first, stop, number = 0, digits = 0
    # F1: bytes before the next 8= are discarded.
    if at > start:
        return GARBLED_PREFIX, at, []
    if size - start < MARK_SIZE:
        return MORE, start, []
    first = find_byte(data, SOH, start, min(size, start + MAX_BEGIN))
    if first < 0:
        if size - start < MAX_BEGIN:
            return MORE, start, []
        return GARBLED_ORDER, start + MARK_SIZE, []
    # F4: 8, 9, 35 come in this order.
    if first + 1 < size and data[first + 1] != NINE:
        return GARBLED_ORDER, first + 1, []
    if first + 2 < size and data[first + 2] != EQUALS:
        return GARBLED_ORDER, first + 1, []
    if first + 3 >= size:
        return MORE, start, []
    at = first + 3
    # F3: a BodyLength that is no number: nothing of this message can be trusted.
    while at + digits < size and data[at + digits] != SOH:
        if data[at + digits] < ZERO or data[at + digits] > NINE or digits == MAX_LENGTH_DIGITS:
            return GARBLED_LENGTH, at, []
        number = number * 10 + (data[at + digits] - ZERO)
        digits += 1
    if at + digits >= size:
        return MORE, start, []
    if digits == 0 or number > MAX_MESSAGE:
        return GARBLED_LENGTH, at, []
    return framed(data, start, size, at + digits + number)


cdef tuple framed(Bytes data, Py_ssize_t start, Py_ssize_t size, Py_ssize_t expected):
    cdef Py_ssize_t limit = min(size, start + MAX_MESSAGE)
    cdef Py_ssize_t trailer = find_trailer(data, expected, limit)
    cdef Py_ssize_t close = -1
    cdef Py_ssize_t at
    cdef unsigned int total = 0
    cdef unsigned int declared = 0
    # F2: the message ends with the first SOH 10=...SOH at or after where 9= points.
    if trailer >= 0:
        close = find_byte(data, SOH, trailer + 4, limit)
    if close < 0:
        if size >= start + MAX_MESSAGE:
            return GARBLED_LENGTH, start + MARK_SIZE, []
        return MORE, start, []
    if trailer != expected:
        return GARBLED_LENGTH, close + 1, []
    if close - trailer != 7:
        return GARBLED_CHECKSUM, close + 1, []
    for at in range(trailer + 4, close):
        if data[at] < ZERO or data[at] > NINE:
            return GARBLED_CHECKSUM, close + 1, []
        declared = declared * 10 + (data[at] - ZERO)
    for at in range(start, trailer + 1):
        total += data[at]
    if declared != total & 0xFF:
        return GARBLED_CHECKSUM, close + 1, []
    return indexed(data, start, close + 1)


cdef tuple indexed(Bytes data, Py_ssize_t start, Py_ssize_t end):
    cdef list index = []
    cdef Py_ssize_t at = start, equals, stop, digit
    cdef long tag
    cdef bint negative
    while at < end:
        stop = find_byte(data, SOH, at, end)
        equals = find_byte(data, EQUALS, at, stop)
        if equals < 0:
            return GARBLED_FIELD, end, []
        negative = data[at] == MINUS
        at += negative
        if equals == at or equals - at > MAX_TAG_DIGITS:
            return GARBLED_FIELD, end, []
        if data[at] == ZERO and equals - at > 1:
            return GARBLED_FIELD, end, []
        tag = 0
        for digit in range(at, equals):
            if data[digit] < ZERO or data[digit] > NINE:
                return GARBLED_FIELD, end, []
            tag = tag * 10 + (data[digit] - ZERO)
        index.append(-tag if negative else tag)
        index.append(equals + 1 - start)
        index.append(stop - start)
        at = stop + 1
    # F4: 8, 9, 35 come in this order.
    if index[THIRD_TAG] != MSG_TYPE:
        return GARBLED_ORDER, end, []
    return MESSAGE, end, index
