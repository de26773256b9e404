# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Fields and messages as bytes: the native twin of ``pure_encoder.py``, which documents them."""

from cpython.bytes cimport (
    PyBytes_AS_STRING, PyBytes_Check, PyBytes_FromStringAndSize, PyBytes_GET_SIZE,
)
from cpython.long cimport PyLong_Check
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE
from cpython.unicode cimport PyUnicode_Check
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memchr, memcpy

from meridian.fix import pure_encoder
from meridian.fix.data_fields import DATA_TAGS
from meridian.fix.timestamps import timestamp
from meridian.fix.wire_kinds import LENGTH_TAGS, WRITTEN, check_begin_string, check_slots

cdef extern from "Python.h":
    int PyUnicode_KIND(object text)
    void* PyUnicode_1BYTE_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    long long PyLong_AsLongLongAndOverflow(object value, int* overflow) except? -1
    int PyBool_Check(object value)

cdef enum:
    SOH = 1
    ZERO = 48
    EQUALS = 61
    MINUS = 45
    POINT = 46
    HEAD = 64  # room before a message's body for 8= and 9=; a BeginString is shorter
    KEPT = 65536  # bytes a buffer may keep between two calls
    NUMBER = 24  # bytes of the longest number or timestamp
    SECOND_SIZE = 17  # YYYYMMDD-HH:MM:SS

cdef enum:  # places in WRITTEN
    TEXT
    INTEGER
    SCALED
    TIMESTAMP
    DECIMAL
    BOOLEAN
    DATA

cdef int64_t NS_PER_SECOND = 1_000_000_000
cdef int64_t NS_PER_MS = 1_000_000
cdef set MEASURED = {*DATA_TAGS, *LENGTH_TAGS}

# The last second written, as text.
cdef int64_t last_second = -1
cdef char[SECOND_SIZE] last_text


cdef class Buffer:
    """Bytes being written."""

    cdef char* bytes
    cdef Py_ssize_t size
    cdef Py_ssize_t room
    cdef bint busy

    def __dealloc__(self):
        PyMem_Free(self.bytes)

    cdef int reserve(self, Py_ssize_t more) except -1:
        """Room for so many bytes more."""
        cdef char* grown
        cdef Py_ssize_t room
        if self.size + more > self.room:
            room = 2 * (self.size + more) + HEAD
            grown = <char*>PyMem_Realloc(self.bytes, room)
            if grown is NULL:
                raise MemoryError
            self.bytes, self.room = grown, room
        return 0

    cdef int start(self, Py_ssize_t at) except -1:
        """Begin to write at ``at``; what an exceptionally long message needed is given back."""
        if self.room > KEPT:
            PyMem_Free(self.bytes)
            self.bytes, self.room = NULL, 0
        self.size = 0
        self.reserve(HEAD)
        self.size = at
        return 0

    cdef inline void byte(self, char value) noexcept:
        self.bytes[self.size] = value
        self.size += 1

    cdef inline void copy(self, const char* value, Py_ssize_t size) noexcept:
        memcpy(self.bytes + self.size, value, size)
        self.size += size

    cdef void number(self, uint64_t value, int least) noexcept:
        """Digits, at least so many."""
        cdef char[NUMBER] digits
        cdef int at = NUMBER
        while value or NUMBER - at < least:
            at -= 1
            digits[at] = <char>(ZERO + value % 10)
            value //= 10
        self.copy(&digits[at], NUMBER - at)

    cdef void integer(self, int64_t value) noexcept:
        if value < 0:
            self.byte(MINUS)
        self.number(magnitude(value), 1)

    cdef void scaled(self, int64_t value, uint64_t unit, int scale) noexcept:
        """A number in units of 10**-scale, without zeros at its end."""
        cdef uint64_t size = magnitude(value)
        cdef uint64_t fraction = size % unit
        if value < 0:
            self.byte(MINUS)
        self.number(size // unit, 1)
        if fraction:
            while fraction % 10 == 0:
                fraction //= 10
                scale -= 1
            self.byte(POINT)
            self.number(fraction, scale)

    cdef int stamp(self, int64_t ns) except -1:
        """A UTCTimestamp with milliseconds."""
        global last_second
        cdef int64_t second = ns // NS_PER_SECOND, rest = ns % NS_PER_SECOND
        cdef bytes text
        if rest < 0:
            second -= 1
            rest += NS_PER_SECOND
        if second != last_second or last_second == -1:
            text = timestamp(ns).encode("ascii")
            memcpy(last_text, PyBytes_AS_STRING(text), SECOND_SIZE)
            last_second = second
        self.copy(last_text, SECOND_SIZE)
        self.byte(POINT)
        self.number(rest // NS_PER_MS, 3)
        return 0

    cdef int text(self, Py_ssize_t tag, value) except -1:
        """Text as Latin-1, neither empty nor with SOH."""
        cdef Py_ssize_t size
        cdef const char* data
        if PyUnicode_KIND(value) != 1:
            value.encode("latin-1")
        data, size = <const char*>PyUnicode_1BYTE_DATA(value), PyUnicode_GET_LENGTH(value)
        if size == 0 or memchr(data, SOH, size) is not NULL:
            raise ValueError(f"tag {tag}: a value cannot be empty or hold SOH, got {value!r}")
        self.reserve(size + HEAD)
        self.copy(data, size)
        return 0


cdef inline uint64_t magnitude(int64_t value) noexcept:
    return <uint64_t>0 - <uint64_t>value if value < 0 else <uint64_t>value


cdef Buffer shared = Buffer()


cdef Buffer take(Py_ssize_t at):
    """The shared buffer, to be given back; another where a thread was interrupted with it."""
    cdef Buffer out = Buffer() if shared.busy else shared
    out.busy = True
    out.start(at)
    return out


def encode_fields(fields):
    """See ``pure_encoder.encode_fields``."""
    cdef Buffer out = take(0)
    try:
        if write_fields(out, fields):
            return PyBytes_FromStringAndSize(out.bytes, out.size)
    finally:
        out.busy = False
    return pure_encoder.encode_fields(fields)


cdef bint write_fields(Buffer out, fields) except -1:
    """Write plain fields; False where one has data, or a tag or number that is none."""
    cdef long long number
    cdef int overflow = 0
    cdef Py_ssize_t tag
    for field in fields:
        key, value = field
        out.reserve(2 * HEAD)
        tag = key if type(key) is int else 0
        if tag < 1 or key in MEASURED:
            return False
        out.number(tag, 1)
        out.byte(EQUALS)
        if PyUnicode_Check(value):
            out.text(tag, value)
        elif PyLong_Check(value) and not PyBool_Check(value):
            number = PyLong_AsLongLongAndOverflow(value, &overflow)
            if overflow:
                return False
            out.integer(number)
        else:
            out.text(tag, pure_encoder.text_of(key, value))
        out.byte(SOH)
    return True


def frame(bytes prefix not None, bytes inner not None):
    """See ``pure_encoder.frame``."""
    cdef Buffer out = take(0)
    out.busy = False  # nothing below lets another thread in
    out.reserve(PyBytes_GET_SIZE(prefix) + PyBytes_GET_SIZE(inner) + HEAD)
    out.copy(PyBytes_AS_STRING(prefix), PyBytes_GET_SIZE(prefix))
    out.number(PyBytes_GET_SIZE(inner), 1)
    out.byte(SOH)
    out.copy(PyBytes_AS_STRING(inner), PyBytes_GET_SIZE(inner))
    close(out, 0)
    return PyBytes_FromStringAndSize(out.bytes, out.size)


cdef void close(Buffer out, Py_ssize_t start) noexcept:
    """Write CheckSum(10) over what stands from ``start``; its room is there."""
    cdef unsigned char total = 0
    cdef Py_ssize_t at
    for at in range(start, out.size):
        total += <unsigned char>out.bytes[at]
    out.copy(b"10=", 3)
    out.number(total, 3)
    out.byte(SOH)


ctypedef struct Part:
    int tag
    int kind
    int scale
    uint64_t unit
    int name  # where ``11=`` or, of data, ``96=`` begins in the names
    int size
    int length_name  # and, of data, ``95=``
    int length_size


cdef class Template:
    """See ``pure_encoder.Template``."""

    cdef readonly tuple slots
    cdef Part* parts
    cdef Py_ssize_t count
    cdef bytes names
    cdef bytes prefix  # 8=...|9=
    cdef bytes opening  # 35=...|34=
    cdef bytes ready  # |49=...|52=
    cdef bytes after  # |56=...|
    cdef Py_ssize_t fixed  # bytes of these

    def __cinit__(self, begin_string, msg_type, sender, target, *slots):
        cdef Py_ssize_t place
        self.slots = check_slots(slots)
        self.count = len(self.slots)
        check_begin_string(begin_string)
        self.prefix = encode_fields([(8, begin_string)]) + b"9="
        self.opening = encode_fields([(35, msg_type)]) + b"34="
        self.ready = b"\x01" + encode_fields([(49, sender)]) + b"52="
        self.after = b"\x01" + encode_fields([(56, target)])
        self.parts = <Part*>PyMem_Malloc(max(1, self.count) * sizeof(Part))
        if self.parts is NULL:
            raise MemoryError
        self.fixed = len(self.opening) + len(self.ready) + len(self.after)
        names = b""
        for place, (tag, kind, scale) in enumerate(self.slots):
            name = b"%d=" % tag
            length = b"%d=" % LENGTH_TAGS[tag] if kind == "data" else b""
            self.parts[place] = Part(
                tag, WRITTEN.index(kind), scale, 10**scale, len(names), len(name),
                len(names) + len(name), len(length),
            )
            names += name + length
        self.names = names

    def __dealloc__(self):
        PyMem_Free(self.parts)

    def body(self, values):
        cdef Buffer out = take(0)
        try:
            self.write(out, values if type(values) is tuple else tuple(values))
            return PyBytes_FromStringAndSize(out.bytes, out.size)
        finally:
            out.busy = False

    def encode(self, int64_t seq_num, int64_t sending_time, values):
        cdef tuple row = values if type(values) is tuple else tuple(values)
        cdef Buffer out = take(HEAD)
        try:
            return self.whole_message(out, seq_num, sending_time, row)
        finally:
            out.busy = False

    cdef bytes whole_message(self, Buffer out, int64_t seq, int64_t moment, tuple values):
        cdef Py_ssize_t end, start
        out.reserve(self.fixed + 2 * HEAD)
        out.copy(PyBytes_AS_STRING(self.opening), PyBytes_GET_SIZE(self.opening))
        out.integer(seq)
        out.copy(PyBytes_AS_STRING(self.ready), PyBytes_GET_SIZE(self.ready))
        out.stamp(moment)
        out.copy(PyBytes_AS_STRING(self.after), PyBytes_GET_SIZE(self.after))
        self.write(out, values)
        out.reserve(HEAD)
        # The head is as long as BodyLength(9) needs, and ends where the rest begins.
        end = out.size
        start = HEAD - PyBytes_GET_SIZE(self.prefix) - width(end - HEAD) - 1
        out.size = start
        out.copy(PyBytes_AS_STRING(self.prefix), PyBytes_GET_SIZE(self.prefix))
        out.number(end - HEAD, 1)
        out.byte(SOH)
        out.size = end
        close(out, start)
        return PyBytes_FromStringAndSize(out.bytes + start, out.size - start)

    cdef int write(self, Buffer out, tuple values) except -1:
        """The fields whose values are given."""
        cdef Py_ssize_t place, size
        cdef Part* part
        cdef const char* names = PyBytes_AS_STRING(self.names)
        cdef object value
        cdef int64_t number = 0
        if PyTuple_GET_SIZE(values) != self.count:
            raise TypeError(f"expected {self.count} values, got {len(values)}")
        for place in range(self.count):
            value = <object>PyTuple_GET_ITEM(values, place)
            if value is None:
                continue
            part = &self.parts[place]
            out.reserve(2 * HEAD)
            if part.kind == DATA:
                if not PyBytes_Check(value) or not value:
                    pure_encoder.write(self.slots[place], value)
                size = PyBytes_GET_SIZE(value)
                out.reserve(size + 2 * HEAD)
                out.copy(names + part.length_name, part.length_size)
                out.number(size, 1)
                out.byte(SOH)
                out.copy(names + part.name, part.size)
                out.copy(PyBytes_AS_STRING(value), size)
                out.byte(SOH)
                continue
            out.copy(names + part.name, part.size)
            if part.kind == TEXT and PyUnicode_Check(value):
                out.text(part.tag, value)
            elif INTEGER <= part.kind <= TIMESTAMP and fits(value, &number):
                if part.kind == INTEGER:
                    out.integer(number)
                elif part.kind == SCALED:
                    out.scaled(number, part.unit, part.scale)
                else:
                    out.stamp(number)
            else:
                # Rare, or wrong, of which it tells.
                out.text(part.tag, pure_encoder.write(self.slots[place], value))
            out.byte(SOH)
        return 0


cdef int width(Py_ssize_t number) noexcept:
    """Digits of a number."""
    cdef int digits = 1
    while number > 9:
        number //= 10
        digits += 1
    return digits


cdef bint fits(value, int64_t* number) except -1:
    """Whether it is an integer of 64 bits, which it then gives."""
    cdef int overflow = 0
    if not PyLong_Check(value) or PyBool_Check(value):
        return False
    number[0] = PyLong_AsLongLongAndOverflow(value, &overflow)
    return not overflow
