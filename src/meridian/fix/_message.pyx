# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Messages found in a buffer and read field by field: the native twin of ``pure_message.py``."""

cimport cython
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_Check, PyByteArray_GET_SIZE
from cpython.bytes cimport (
    PyBytes_AS_STRING, PyBytes_Check, PyBytes_FromStringAndSize, PyBytes_GET_SIZE,
)
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_New, PyTuple_SET_ITEM
from cpython.unicode cimport PyUnicode_DecodeLatin1
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from meridian.fix._framing cimport Bytes, Field, frame, index
from meridian.fix._values cimport (
    FIT, INEXACT, nanoseconds, read_integer, read_scaled, read_stamp,
)

from meridian.fix.field_error import inexact, malformed
from meridian.fix.reads import KINDS, Reads, check_fields, check_scale
from meridian.fix.verdicts import MESSAGE as _MESSAGE

cdef int MESSAGE = _MESSAGE
cdef tuple EMPTY = ()

cdef enum:
    MSG_SEQ_NUM = 34
    THIRD = 2  # place of MsgType(35)
    POSS_DUP_FLAG = 43
    YES = 89
    NO = 78

cdef enum:  # places in KINDS; those after DATA are read in Python
    TEXT
    CHAR
    BOOLEAN
    INTEGER
    SCALED
    TIMESTAMP
    DATA


@cython.no_gc
cdef class Indexed:
    """Fields of a message, read from an index in C."""

    def __dealloc__(self):
        if self.owner is None:
            PyMem_Free(self.found)

    cdef Field* find(self, int tag) noexcept:
        """The first field with that tag, or NULL."""
        cdef Field* at = self.found
        cdef Field* stop = at + self.count
        while at < stop:
            if at.tag == tag:
                return at
            at += 1
        return NULL

    cdef bytes value_of(self, Field* field):
        return PyBytes_FromStringAndSize(
            PyBytes_AS_STRING(self.raw) + field.start, field.stop - field.start
        )

    cdef object text_of(self, Field* field):
        return PyUnicode_DecodeLatin1(
            PyBytes_AS_STRING(self.raw) + field.start, field.stop - field.start, NULL
        )

    cdef object read(self, Field* field, int kind, int scale):
        """The value by type; ``kind`` is a place in KINDS."""
        cdef Bytes value = <Bytes>PyBytes_AS_STRING(self.raw) + field.start
        cdef Py_ssize_t size = field.stop - field.start
        cdef int64_t number = 0
        cdef int nanos = 0, status
        if kind == TEXT:
            return self.text_of(field)
        if kind == INTEGER:
            if read_integer(value, size, &number) == FIT:
                return number
        elif kind == SCALED:
            status = read_scaled(value, size, scale, &number)
            if status == FIT:
                return number
            if status == INEXACT:
                raise inexact(field.tag)
        elif kind == TIMESTAMP:
            if read_stamp(value, size, &number, &nanos) == FIT:
                return nanoseconds(number, nanos)
        elif kind == CHAR:
            if size == 1:
                return self.text_of(field)
        elif kind == BOOLEAN:
            if size == 1 and (value[0] == YES or value[0] == NO):
                return value[0] == YES
        elif kind == DATA:
            return self.value_of(field)
        raise malformed(field.tag, self.value_of(field))

    def get(self, int tag, default=None):
        cdef Field* field = self.find(tag)
        return default if field is NULL else self.text_of(field)

    def data(self, int tag):
        cdef Field* field = self.find(tag)
        return None if field is NULL else self.value_of(field)

    def integer(self, int tag):
        cdef Field* field = self.find(tag)
        return None if field is NULL else self.read(field, INTEGER, 0)

    def scaled(self, int tag, scale):
        check_scale(scale)
        cdef Field* field = self.find(tag)
        return None if field is NULL else self.read(field, SCALED, scale)

    def timestamp(self, int tag):
        cdef Field* field = self.find(tag)
        return None if field is NULL else self.read(field, TIMESTAMP, 0)

    def char(self, int tag):
        cdef Field* field = self.find(tag)
        return None if field is NULL else self.read(field, CHAR, 0)

    def boolean(self, int tag):
        cdef Field* field = self.find(tag)
        return None if field is NULL else self.read(field, BOOLEAN, 0)

    def spans(self):
        cdef Py_ssize_t at
        return [
            (self.found[at].tag, self.found[at].start, self.found[at].stop)
            for at in range(self.count)
        ]

    def part(self, start, stop):
        first, last, _ = slice(start, stop).indices(self.count)
        cdef Indexed part = make(Part)
        part.raw = self.raw
        part.owner = self
        part.found = self.found + <Py_ssize_t>first
        part.count = max(0, last - first)
        return part

    def unusable_tag(self):
        cdef Py_ssize_t at
        for at in range(self.count):
            if self.found[at].start == self.found[at].stop or self.found[at].tag < 1:
                return self.found[at].tag
        return None

    def oversized_tag(self, Py_ssize_t limit):
        cdef Py_ssize_t at
        for at in range(self.count):
            if self.found[at].stop - <Py_ssize_t>self.found[at].start > limit:
                return self.found[at].tag
        return None


@cython.no_gc
cdef class Whole(Indexed):
    """One received message."""

    @property
    def msg_type(self):
        return self.text_of(&self.found[THIRD]) if self.count > THIRD else ""

    @property
    def seq_num(self):
        cdef int64_t number = 0
        cdef Field* field = self.find(MSG_SEQ_NUM)
        if field is NULL:
            return 0
        cdef Bytes value = <Bytes>PyBytes_AS_STRING(self.raw) + field.start
        if read_integer(value, field.stop - field.start, &number) != FIT:
            return 0
        return number

    @property
    def poss_dup(self):
        cdef Field* field = self.find(POSS_DUP_FLAG)
        return (
            field is not NULL
            and field.stop - field.start == 1
            and PyBytes_AS_STRING(self.raw)[field.start] == YES
        )


class Part(Indexed, Reads):
    """Fields of a message: what an entry of a repeating group is."""

    __slots__ = ()


class Message(Whole, Reads):
    """One received message; made by ``decode``."""

    __slots__ = ()


cdef inline Indexed make(kind):
    """An instance without its bytes and its index."""
    return <Indexed>(<PyTypeObject*>kind).tp_new(kind, <PyObject*>EMPTY, NULL)


def decode(buffer, Py_ssize_t at, dict data_fields=None):
    """Look for one message at ``at``; see ``pure_message.decode``."""
    cdef Bytes data
    cdef Py_ssize_t size, end = at, count = 0
    cdef int verdict
    cdef Field* fields = NULL
    cdef Indexed message
    if at < 0:
        raise ValueError(f"expected at >= 0, got {at}")
    if PyByteArray_Check(buffer):
        data, size = <Bytes>PyByteArray_AS_STRING(buffer), PyByteArray_GET_SIZE(buffer)
    elif PyBytes_Check(buffer):
        data, size = <Bytes>PyBytes_AS_STRING(buffer), PyBytes_GET_SIZE(buffer)
    else:
        raise TypeError(f"expected bytes or bytearray, got {type(buffer).__name__}")
    verdict = frame(data, at, size, &end)
    if verdict == MESSAGE:
        verdict = index(data + at, end - at, &fields, &count, data_fields)
    if verdict != MESSAGE:
        return verdict, end, None
    message = make(Message)
    message.found = <Field*>PyMem_Malloc(count * sizeof(Field))
    if message.found is NULL:
        raise MemoryError
    memcpy(message.found, fields, count * sizeof(Field))
    message.count = count
    message.raw = PyBytes_FromStringAndSize(<const char*>data + at, end - at)
    return verdict, end, message


ctypedef struct Wanted:
    int tag
    int kind
    int scale


cdef class Reader:
    """Reads the same fields of message after message; see ``pure_reader.Reader``."""

    cdef Wanted* wanted
    cdef Py_ssize_t count
    cdef readonly tuple fields

    def __cinit__(self, *fields):
        cdef Py_ssize_t place
        self.fields = check_fields(fields)
        self.count = len(self.fields)
        self.wanted = <Wanted*>PyMem_Malloc(max(1, self.count) * sizeof(Wanted))
        if self.wanted is NULL:
            raise MemoryError
        for place, (tag, kind, scale) in enumerate(self.fields):
            self.wanted[place] = Wanted(tag, KINDS.index(kind), scale)

    def __dealloc__(self):
        PyMem_Free(self.wanted)

    def __call__(self, Indexed message not None):
        cdef tuple values = PyTuple_New(self.count)
        cdef Py_ssize_t place
        cdef Field* field
        cdef object value
        for place in range(self.count):
            field = message.find(self.wanted[place].tag)
            if field is NULL:
                value = None
            elif self.wanted[place].kind <= DATA:
                value = message.read(field, self.wanted[place].kind, self.wanted[place].scale)
            else:
                value = getattr(message, KINDS[self.wanted[place].kind])(field.tag)
            Py_INCREF(value)
            PyTuple_SET_ITEM(values, place, value)
        return values
