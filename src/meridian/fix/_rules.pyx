# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""What the value of each field of a dictionary must be: the native twin of ``value_rules.py``."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memchr, memcmp

from meridian.fix._framing cimport Bytes
from meridian.fix._values cimport FIT, MALFORMED, read_day, read_integer, read_scaled, read_stamp

from meridian.fix import formats, reasons
from meridian.fix.pure_validator import all_tags
from meridian.fix.value_rules import check_of, is_multiple, values_of

cdef int INCORRECT_VALUE = reasons.INCORRECT_VALUE
cdef int INCORRECT_FORMAT = reasons.INCORRECT_FORMAT

cdef enum:
    SPACE = 32
    ZERO = 48
    YES = 89
    NO = 78

cdef enum:  # how a value is checked
    TEXT
    INTEGER
    UNSIGNED
    FLOAT
    CHAR
    BOOLEAN
    STAMP
    DAY
    OTHER  # in Python

cdef dict KINDS = {
    None: TEXT,
    formats.integer: INTEGER,
    formats.unsigned: UNSIGNED,
    formats.decimal: FLOAT,
    formats.char: CHAR,
    formats.boolean: BOOLEAN,
    formats.timestamp: STAMP,
    formats.day: DAY,
}


cdef class Rules:
    """The rules of a dictionary, in one table."""

    def __cinit__(self, dictionary, options):
        header, trailer = all_tags(dictionary.header), all_tags(dictionary.trailer)
        tags = {tag for tag in (*dictionary.fields, *trailer, *header) if tag > 0}
        cdef unsigned int room = 4, at
        cdef int count = 0
        cdef Rule* rule
        self.kept = []
        while room < 2 * len(tags):
            room *= 2
        self.rules = <Rule*>PyMem_Calloc(len(tags) + 1, sizeof(Rule))
        self.places = <Place*>PyMem_Calloc(room, sizeof(Place))
        if self.rules is NULL or self.places is NULL:
            raise MemoryError
        self.mask = room - 1
        headers, trailers = set(header), set(trailer)
        for tag in tags:
            at = <unsigned int><int>tag & self.mask
            while self.places[at].tag:
                at = (at + 1) & self.mask
            self.places[at] = Place(tag, count)
            rule = &self.rules[count]
            count += 1
            rule.section = HEADER if tag in headers else TRAILER if tag in trailers else BODY
            self.make_rule(rule, dictionary, tag, options)

    def __dealloc__(self):
        PyMem_Free(self.rules)
        PyMem_Free(self.places)

    cdef make_rule(self, Rule* rule, dictionary, tag, options):
        check = check_of(dictionary, tag)
        values = values_of(dictionary, tag, options)
        longer = tuple(value for value in values if len(value) != 1)
        rule.kind = KINDS.get(check, OTHER)
        rule.listed = bool(values)
        rule.multiple = is_multiple(dictionary, tag)
        for value in values:
            if len(value) == 1:
                rule.single[<int>value[0] >> 6] |= <uint64_t>1 << (<int>value[0] & 63)
        self.kept += (check, longer)
        rule.check = <PyObject*>check
        rule.longer = <PyObject*>longer


cdef int value_fault(Rule* rule, Bytes value, Py_ssize_t size) except -2:
    """The reason against a value, or FINE."""
    if rule.kind != TEXT and not formed(rule, value, size):
        return INCORRECT_FORMAT
    if rule.listed and not holds(rule, value, size):
        return INCORRECT_VALUE
    return FINE


cdef bint formed(Rule* rule, Bytes value, Py_ssize_t size) except -1:
    """Whether a value is of its type."""
    cdef int64_t number
    cdef int nanos, kind = rule.kind
    if kind == INTEGER:
        return read_integer(value, size, &number) == FIT
    if kind == FLOAT:
        return read_scaled(value, size, 0, &number) != MALFORMED
    if kind == STAMP:
        return read_stamp(value, size, &number, &nanos) == FIT
    if kind == CHAR:
        return size == 1
    if kind == BOOLEAN:
        return size == 1 and (value[0] == YES or value[0] == NO)
    if kind == UNSIGNED:
        return size > 0 and value[0] >= ZERO and read_integer(value, size, &number) == FIT
    if kind == DAY:
        return size == 8 and read_day(value, &number) == FIT
    try:
        (<object>rule.check)(PyBytes_FromStringAndSize(<const char*>value, size))
    except ValueError:
        return False
    return True


cdef bint holds(Rule* rule, Bytes value, Py_ssize_t size) noexcept:
    """Whether a value is of its enumeration, or several are, with a space between two."""
    cdef Bytes space
    if listed(rule, value, size):
        return True
    if not rule.multiple:
        return False
    while True:
        space = <Bytes>memchr(value, SPACE, size) if size else NULL
        if space is NULL:
            return listed(rule, value, size)
        if not listed(rule, value, space - value):
            return False
        size -= space - value + 1
        value = space + 1


cdef bint listed(Rule* rule, Bytes value, Py_ssize_t size) noexcept:
    cdef tuple longer
    cdef bytes one
    if size == 1:
        return (rule.single[value[0] >> 6] >> (value[0] & 63)) & 1
    longer = <tuple>rule.longer
    for one in longer:
        if PyBytes_GET_SIZE(one) == size and memcmp(PyBytes_AS_STRING(one), value, size) == 0:
            return True
    return False
