"""From Python's integers to C's, and from event rows to what a command returns."""

from cpython.list cimport PyList_New, PyList_SET_ITEM
from cpython.long cimport PyLong_FromLongLong
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_New, PyTuple_SET_ITEM
from libc.stdint cimport int64_t

from meridian.book._matching cimport NO_MEMORY, REFUSED, WIDTH, Rows, lend_rows, return_rows


cdef extern from *:
    """
    /* What fits one digit needs no call; ids often have two. */
    static inline int64_t meridian_integer(PyObject* value, int64_t otherwise) {
        int overflow;
        int64_t number;
    #if defined(PYPY_VERSION) || defined(Py_LIMITED_API)
    #elif PY_VERSION_HEX >= 0x030C0000
        if (PyLong_Check(value) && PyUnstable_Long_IsCompact((PyLongObject*)value))
            return (int64_t)PyUnstable_Long_CompactValue((PyLongObject*)value);
    #elif PyLong_SHIFT == 30
        if (PyLong_Check(value)) {
            const digit* digits = ((PyLongObject*)value)->ob_digit;
            switch (Py_SIZE(value)) {
            case 0: return 0;
            case 1: return (int64_t)digits[0];
            case 2: return (int64_t)digits[1] << PyLong_SHIFT | (int64_t)digits[0];
            case -1: return -(int64_t)digits[0];
            }
        }
    #endif
        number = PyLong_AsLongLongAndOverflow(value, &overflow);
        return overflow ? otherwise : number;
    }
    """
    # An integer, or ``otherwise`` (which will be refused) where it has more than 64 bits.
    int64_t integer "meridian_integer" (object value, int64_t otherwise) except? -1


# Fields of each event, by codes.Event.
cdef extern from *:
    """
    static const int meridian_fields[] = {0, 3, 7, 6, 4, 6, 3, 3};
    """
    const int* FIELDS "meridian_fields"


cdef inline list refused(object order_id, int code):
    if code == NO_MEMORY:
        raise MemoryError
    return [(REFUSED, order_id, code)]


cdef inline tuple event_of(Rows* rows, size_t at):
    cdef const int64_t* row = &rows.at[at * WIDTH]
    cdef int fields = FIELDS[row[0]]
    cdef tuple event = PyTuple_New(fields)
    cdef object number
    cdef int field
    for field in range(fields):
        number = PyLong_FromLongLong(row[field])
        Py_INCREF(number)
        PyTuple_SET_ITEM(event, field, number)
    return event


cdef inline list events_of(Rows* rows):
    """The rows, which are then gone."""
    cdef Rows mine
    cdef list events
    cdef tuple event
    cdef size_t at
    # A collection may run commands here, and let other threads: they find no rows but their own.
    lend_rows(rows, &mine)
    try:
        events = PyList_New(mine.count)
        for at in range(mine.count):
            event = event_of(&mine, at)
            Py_INCREF(event)
            PyList_SET_ITEM(events, at, event)
        return events
    finally:
        return_rows(rows, &mine)
