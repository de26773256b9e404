"""C side of ``_framing.pyx``: a message's frame and the index of its fields."""

ctypedef const unsigned char* Bytes

ctypedef struct Field:
    int tag
    unsigned int start  # of the value, counted from the message
    unsigned int stop

cdef int frame(Bytes data, Py_ssize_t start, Py_ssize_t size, Py_ssize_t* end) noexcept
cdef int index(Bytes raw, Py_ssize_t size, Field** fields, Py_ssize_t* count, dict more) except -1
