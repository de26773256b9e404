"""C side of ``_rules.pyx``: what the value of a field must be, by tag."""

from cpython.object cimport PyObject
from libc.stdint cimport uint64_t

from meridian.fix._framing cimport Bytes

cdef enum:
    HEADER = 0
    TRAILER = 1
    BODY = 2
    FINE = -1  # no reason against it

ctypedef struct Rule:
    int section
    int kind
    bint listed  # has an enumeration
    bint multiple
    uint64_t[4] single  # values of one byte, a bit each
    PyObject* longer  # the other values, a tuple of bytes
    PyObject* check  # of kind OTHER

ctypedef struct Place:
    int tag  # 0 where free
    int rule


cdef class Rules:
    cdef Rule* rules
    cdef Place* places  # of rules, a hash table by tag
    cdef unsigned int mask
    cdef list kept  # what rules point to

    cdef make_rule(self, Rule* rule, dictionary, tag, options)


cdef inline Rule* rule_of(Rules rules, int tag) noexcept:
    """The rule of a tag, NULL where the dictionary has none."""
    cdef unsigned int at = <unsigned int>tag & rules.mask
    while rules.places[at].tag:
        if rules.places[at].tag == tag:
            return &rules.rules[rules.places[at].rule]
        at = (at + 1) & rules.mask
    return NULL


cdef int value_fault(Rule* rule, Bytes value, Py_ssize_t size) except -2
