"""C side of ``_message.pyx``: a message's bytes and the index of its fields."""

from meridian.fix._framing cimport Field


cdef class Indexed:
    cdef readonly bytes raw
    cdef Field* found
    cdef Py_ssize_t count
    cdef Indexed owner  # whose memory ``found`` points into, None where it is our own

    cdef Field* find(self, int tag) noexcept
    cdef bytes value_of(self, Field* field)
    cdef object text_of(self, Field* field)
    cdef object read(self, Field* field, int kind, int scale)
