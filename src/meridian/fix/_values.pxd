"""C side of ``_values.pyx``: values read by type."""

from libc.stdint cimport int64_t

from meridian.fix._framing cimport Bytes

cdef enum:
    FIT = 0
    MALFORMED = 1
    INEXACT = 2

cdef int read_integer(Bytes value, Py_ssize_t size, int64_t* number) noexcept
cdef int read_scaled(Bytes value, Py_ssize_t size, int scale, int64_t* number) noexcept
cdef int read_day(Bytes value, int64_t* days) noexcept
cdef int read_time(Bytes value, Py_ssize_t size, int64_t* seconds, int* nanos) noexcept
cdef int read_stamp(Bytes value, Py_ssize_t size, int64_t* seconds, int* nanos) noexcept
cdef object nanoseconds(int64_t seconds, int nanos)
