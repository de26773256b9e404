# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Values as bytes on the wire, read by type: the native twin of ``formats.py``."""

from libc.stdint cimport INT64_MAX, int64_t

from meridian.fix import formats

cdef int MAX_DIGITS = formats.MAX_DIGITS

cdef enum:
    ZERO = 48
    NINE = 57
    MINUS = 45
    POINT = 46
    COLON = 58
    NS_PER_SECOND = 1000000000
    SECONDS_PER_DAY = 86400

# Seconds around the epoch whose nanoseconds fit 64 bits, with a day to spare.
cdef int64_t NEAR = 9_223_286_036
cdef int[12] DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


cdef int read_integer(Bytes value, Py_ssize_t size, int64_t* number) noexcept:
    """An int of MAX_DIGITS digits at most."""
    cdef bint negative = size > 0 and value[0] == MINUS
    cdef Py_ssize_t at = negative
    cdef int64_t total = 0
    if size == at or size - at > MAX_DIGITS:
        return MALFORMED
    while at < size:
        if value[at] < ZERO or value[at] > NINE:
            return MALFORMED
        total = total * 10 + (value[at] - ZERO)
        at += 1
    number[0] = -total if negative else total
    return FIT


cdef int read_scaled(Bytes value, Py_ssize_t size, int scale, int64_t* number) noexcept:
    """A float in units of 10**-scale; the whole of it must be a float before it is inexact."""
    cdef bint negative = size > 0 and value[0] == MINUS
    cdef Py_ssize_t at = negative
    cdef int whole = 0, fraction = 0
    cdef int64_t total = 0, digit
    cdef int status = FIT
    while at < size and ZERO <= value[at] <= NINE:
        digit = value[at] - ZERO
        if total > (INT64_MAX - digit) // 10:
            status = INEXACT
        else:
            total = total * 10 + digit
        whole += 1
        at += 1
    if at < size and value[at] == POINT:
        at += 1
        while at < size and ZERO <= value[at] <= NINE:
            digit = value[at] - ZERO
            if fraction < scale:
                if total > (INT64_MAX - digit) // 10:
                    status = INEXACT
                else:
                    total = total * 10 + digit
            elif digit:
                status = INEXACT
            fraction += 1
            at += 1
    if at < size or whole > MAX_DIGITS or fraction > MAX_DIGITS or whole + fraction == 0:
        return MALFORMED
    while fraction < scale and status == FIT:
        if total > INT64_MAX // 10:
            status = INEXACT
        else:
            total *= 10
        fraction += 1
    number[0] = -total if negative else total
    return status


cdef inline int digits(Bytes value, int count) noexcept:
    """The number of so many digits, or -1."""
    cdef int at, total = 0
    for at in range(count):
        if value[at] < ZERO or value[at] > NINE:
            return -1
        total = total * 10 + (value[at] - ZERO)
    return total


cdef int read_day(Bytes value, int64_t* days) noexcept:
    """YYYYMMDD, as days since 1970."""
    cdef int year = digits(value, 4), month = digits(value + 4, 2), day = digits(value + 6, 2)
    cdef int last
    cdef int64_t of_year
    if year < 1 or month < 1 or month > 12 or day < 1:
        return MALFORMED
    last = DAYS[month - 1]
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        last = 29
    if day > last:
        return MALFORMED
    # Years that begin in March have their leap day last.
    if month <= 2:
        year -= 1
        month += 12
    of_year = (153 * (month - 3) + 2) // 5 + day - 1
    days[0] = 365 * <int64_t>year + year // 4 - year // 100 + year // 400 + of_year - 719468
    return FIT


cdef int read_time(Bytes value, Py_ssize_t size, int64_t* seconds, int* nanos) noexcept:
    """HH:MM:SS with 0, 3, 6, 9 or 12 decimals; what is finer than a nanosecond is cut off."""
    cdef int hour, minute, second, at, total = 0
    if size != 8 and size != 12 and size != 15 and size != 18 and size != 21:
        return MALFORMED
    if value[2] != COLON or value[5] != COLON or (size > 8 and value[8] != POINT):
        return MALFORMED
    hour, minute, second = digits(value, 2), digits(value + 3, 2), digits(value + 6, 2)
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 60:
        return MALFORMED
    for at in range(9, size):
        if value[at] < ZERO or value[at] > NINE:
            return MALFORMED
        if at < 18:
            total = total * 10 + (value[at] - ZERO)
    if size > 8:
        for at in range(size, 18):
            total *= 10
    seconds[0] = hour * 3600 + minute * 60 + second
    nanos[0] = total
    return FIT


cdef int read_stamp(Bytes value, Py_ssize_t size, int64_t* seconds, int* nanos) noexcept:
    """YYYYMMDD-HH:MM:SS and decimals, as seconds since 1970 and what is beyond."""
    cdef int64_t days
    if size < 17 or value[8] != MINUS or read_day(value, &days) != FIT:
        return MALFORMED
    if read_time(value + 9, size - 9, seconds, nanos) != FIT:
        return MALFORMED
    seconds[0] += days * SECONDS_PER_DAY
    return FIT


cdef object nanoseconds(int64_t seconds, int nanos):
    """As one integer, however far from 1970."""
    if -NEAR < seconds < NEAR:
        return seconds * NS_PER_SECOND + nanos
    return int(seconds) * NS_PER_SECOND + nanos
