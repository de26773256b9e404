# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""A message held against a dictionary: the native twin of ``pure_validator.py``, which documents
what is checked in which order.

Layouts stand in hash tables made when first needed: a message is one pass over its index. Tags
seen are marked with the number of the look (an epoch) rather than collected, so that nothing has
to be cleared.
"""

from cpython.bytes cimport PyBytes_AS_STRING
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from libc.stdint cimport INT64_MAX, int64_t, uint64_t

from meridian.fix._framing cimport Bytes, Field
from meridian.fix._message cimport Indexed
from meridian.fix._rules cimport BODY, FINE, HEADER, TRAILER, Rule, Rules, rule_of, value_fault

from meridian.fix import reasons
from meridian.fix.pure_validator import all_tags
from meridian.fix.validator_options import ValidatorOptions

cdef int INVALID_TAG = reasons.INVALID_TAG
cdef int REQUIRED_TAG_MISSING = reasons.REQUIRED_TAG_MISSING
cdef int TAG_NOT_DEFINED = reasons.TAG_NOT_DEFINED
cdef int NO_VALUE = reasons.NO_VALUE
cdef int INVALID_MSG_TYPE = reasons.INVALID_MSG_TYPE
cdef int REPEATED_TAG = reasons.REPEATED_TAG
cdef int OUT_OF_ORDER = reasons.OUT_OF_ORDER
cdef int GROUP_OUT_OF_ORDER = reasons.GROUP_OUT_OF_ORDER
cdef int WRONG_GROUP_COUNT = reasons.WRONG_GROUP_COUNT

cdef enum:
    ZERO = 48

cdef int[3] PLACES = [0, 2, 1]  # where HEADER, TRAILER and BODY stand in a message


ctypedef struct Slot:
    int tag  # 0 where free: no dictionary has a tag 0
    int place
    uint64_t seen  # in which look
    PyObject* group  # the Shape of its entries, None until it is needed

ctypedef struct Fault:
    int reason
    int tag


cdef class Shape:
    """A layout: its tags in a hash table."""

    cdef object layout
    cdef Slot* slots
    cdef unsigned int mask
    cdef int* required  # ascending
    cdef int count_required
    cdef int delimiter
    cdef list shapes  # of the groups, kept alive

    def __cinit__(self, layout):
        cdef unsigned int room = 4
        cdef Slot* slot
        members = [member for member in layout.members if member.tag > 0]
        while room < 2 * len(members):
            room *= 2
        self.layout = layout
        self.shapes = []
        self.slots = <Slot*>PyMem_Calloc(room, sizeof(Slot))
        self.required = <int*>PyMem_Calloc(len(layout.required) + 1, sizeof(int))
        if self.slots is NULL or self.required is NULL:
            raise MemoryError
        self.mask = room - 1
        self.delimiter = members[0].tag if members else 0
        for place, member in enumerate(members):
            slot = self.free_slot(member.tag)
            slot.tag, slot.place = member.tag, place
            slot.group = <PyObject*>None if member.group is not None else NULL
        for tag in sorted(tag for tag in layout.required if tag > 0):
            self.required[self.count_required] = tag
            self.count_required += 1

    def __dealloc__(self):
        PyMem_Free(self.slots)
        PyMem_Free(self.required)

    cdef Slot* free_slot(self, int tag) noexcept:
        cdef unsigned int at = <unsigned int>tag & self.mask
        while self.slots[at].tag:
            at = (at + 1) & self.mask
        return &self.slots[at]

    cdef inline Slot* slot(self, int tag) noexcept:
        """The member with that tag, or NULL."""
        cdef unsigned int at = <unsigned int>tag & self.mask
        while self.slots[at].tag:
            if self.slots[at].tag == tag:
                return &self.slots[at]
            at = (at + 1) & self.mask
        return NULL

    cdef Shape group(self, Slot* slot):
        """The shape of a member's entries."""
        if slot.group is <PyObject*>None:
            shape = Shape(self.layout.member(slot.tag).group)
            self.shapes.append(shape)
            slot.group = <PyObject*>shape
        return <Shape>slot.group

    cdef int missing(self, uint64_t epoch) noexcept:
        """The lowest required tag not seen in this look, or 0."""
        cdef int at
        for at in range(self.count_required):
            if self.slot(self.required[at]).seen != epoch:
                return self.required[at]
        return 0


cdef class Body:
    """What one message type holds."""

    cdef Shape shape
    cdef object known  # fields, by tag
    cdef object layout
    cdef set tags  # of the layout and its groups, None until needed

    def __cinit__(self, dictionary, definition):
        below = dictionary.transport if definition.admin else None
        self.known = (below or dictionary).fields
        self.layout = definition.layout
        self.shape = Shape(definition.layout)

    cdef bint has(self, int tag):
        if self.tags is None:
            self.tags = set(all_tags(self.layout))
        return tag in self.tags


cdef class Look:
    """What one look at a message found so far."""

    cdef Field* fields
    cdef Py_ssize_t count
    cdef Bytes raw
    cdef Body body
    cdef int64_t worst  # section and key of the fault answered first
    cdef Fault fault
    cdef int missing  # the first tag that an entry lacks
    cdef set passed  # tags seen that no layout has

    cdef inline void note(self, int section, int key, int reason, int tag) noexcept:
        cdef int64_t rank = (<int64_t>section << 32) + key
        if reason != FINE and rank < self.worst:
            self.worst = rank
            self.fault = Fault(reason, tag)


cdef class Validator:
    """Says whether messages fit a dictionary; see ``pure_validator.Validator``."""

    cdef readonly object dictionary
    cdef readonly object options
    cdef bint not_empty, in_order, groups_in_order, any_tolerated
    cdef Rules rules
    cdef Shape header
    cdef Shape trailer
    cdef dict bodies
    cdef uint64_t epoch

    def __cinit__(self, dictionary, **options):
        self.dictionary = dictionary
        self.options = ValidatorOptions(**options)
        self.not_empty = self.options.fields_have_values
        self.in_order = self.options.fields_out_of_order
        self.groups_in_order = self.options.unordered_group_fields
        self.any_tolerated = (
            self.options.allow_unknown_msg_fields or not self.options.user_defined_fields
        )
        self.bodies = {}
        self.header = Shape(dictionary.header)
        self.trailer = Shape(dictionary.trailer)
        self.rules = Rules(dictionary, self.options)

    def check(self, Indexed message not None):
        """The first fault of a message; see ``pure_validator.Validator.check``."""
        cdef Look look = Look.__new__(Look)
        cdef Py_ssize_t stray
        cdef Body body
        look.fields, look.count = message.found, message.count
        look.raw = <Bytes>PyBytes_AS_STRING(message.raw)
        look.worst = INT64_MAX
        if self.in_order:
            stray = self.stray(look)
            if stray >= 0:
                return OUT_OF_ORDER, look.fields[stray].tag
        msg_type = message.msg_type
        body = self.bodies.get(msg_type)
        if body is None:
            definition = self.dictionary.messages.get(msg_type)
            if definition is None:
                return INVALID_MSG_TYPE, None
            body = self.bodies[msg_type] = Body(self.dictionary, definition)
        look.body = body
        self.examine(look)
        if look.missing:
            return REQUIRED_TAG_MISSING, look.missing
        if look.worst != INT64_MAX:
            return look.fault.reason, look.fault.tag
        return None

    cdef Py_ssize_t stray(self, Look look) noexcept:
        """The first place of a field behind one of a later section, or -1."""
        cdef Py_ssize_t at
        cdef int place, reached = 0
        cdef Rule* rule
        for at in range(look.count):
            rule = rule_of(self.rules, look.fields[at].tag)
            place = PLACES[BODY if rule is NULL else rule.section]
            if place < reached:
                return at
            reached = place
        return -1

    cdef int examine(self, Look look) except -1:
        """Look at every field."""
        cdef Py_ssize_t at = 0
        cdef Field* field
        cdef Rule* rule
        cdef Slot* slot
        cdef Shape shape
        cdef Fault fault
        cdef int section, tag, missing
        cdef uint64_t epoch
        self.epoch += 1
        epoch = self.epoch
        while at < look.count:
            field = &look.fields[at]
            tag = field.tag
            rule = rule_of(self.rules, tag)
            section = BODY if rule is NULL else rule.section
            shape = self.header if section == HEADER else look.body.shape
            if section == TRAILER:
                shape = self.trailer
            slot = shape.slot(tag)
            at += 1
            if slot is not NULL:
                if slot.seen == epoch:
                    look.note(section, tag, REPEATED_TAG, tag)
                slot.seen = epoch
                look.note(section, tag, self.value_fault(look, field, rule), tag)
                if slot.group is not NULL:
                    at = self.examine_group(look, section, at - 1, shape.group(slot), &fault)
                    look.note(section, tag, fault.reason, fault.tag)
            else:
                self.note_stranger(look, section, field, rule)
        missing = self.header.missing(epoch) or self.trailer.missing(epoch)
        missing = missing or look.body.shape.missing(epoch)
        if missing:
            look.missing = missing
        return 0

    cdef int note_stranger(self, Look look, int section, Field* field, Rule* rule) except -1:
        """A field its section does not have."""
        cdef int tag = field.tag
        cdef bint tolerated = self.any_tolerated and self.options.tolerates(tag)
        if look.passed is not None and tag in look.passed:
            look.note(section, tag, REPEATED_TAG, tag)
        look.note(section, tag, self.value_fault(look, field, rule), tag)
        if tolerated:
            if look.passed is None:
                look.passed = set()
            look.passed.add(tag)
        else:
            look.note(
                section, tag, TAG_NOT_DEFINED if tag in look.body.known else INVALID_TAG, tag
            )
        return 0

    cdef Py_ssize_t examine_group(
        self, Look look, int section, Py_ssize_t at, Shape shape, Fault* first
    ) except -1:
        """Look at the group counted at place ``at``: the place after it; FINE or its fault."""
        cdef Field* count = &look.fields[at]
        cdef Field* field
        cdef Rule* rule
        cdef Slot* slot
        cdef Fault inner
        cdef int64_t entries = 0
        cdef int reached = -1, reason, wrong
        cdef uint64_t epoch = 0
        first.reason = FINE
        at += 1
        while at < look.count:
            field = &look.fields[at]
            rule = rule_of(self.rules, field.tag)
            slot = shape.slot(field.tag)
            if slot is NULL and not self.passes(look, section, field.tag, rule):
                break
            at += 1
            reason, wrong = FINE, field.tag
            if slot is not NULL:
                if slot.place == 0 or epoch == 0:
                    # What stands before a delimiter is nobody's entry, and looked at alike.
                    if entries and not look.missing:
                        look.missing = shape.missing(epoch)
                    self.epoch += 1
                    epoch, reached = self.epoch, -1
                entries += slot.place == 0
                if entries == 0:
                    reason, wrong = GROUP_OUT_OF_ORDER, shape.delimiter
                elif slot.seen == epoch:
                    reason = REPEATED_TAG
                elif slot.place < reached and self.groups_in_order:
                    reason = GROUP_OUT_OF_ORDER
                slot.seen, reached = epoch, slot.place
            if reason == FINE:
                reason = self.value_fault(look, field, rule)
            if slot is not NULL and slot.group is not NULL:
                at = self.examine_group(look, section, at - 1, shape.group(slot), &inner)
                if reason == FINE:
                    reason, wrong = inner.reason, inner.tag
            if first.reason == FINE:
                first.reason, first.tag = reason, wrong
        if entries and not look.missing:
            look.missing = shape.missing(epoch)
        if not says(look.raw + count.start, count.stop - count.start, entries):
            first.reason, first.tag = WRONG_GROUP_COUNT, count.tag
        return at

    cdef bint passes(self, Look look, int section, int tag, Rule* rule) except -1:
        """Whether a tag that no layout has may stand in a group without ending it."""
        if not self.any_tolerated or section != BODY:
            return False
        if rule is not NULL and rule.section != BODY:
            return False
        return not look.body.has(tag) and self.options.tolerates(tag)

    cdef int value_fault(self, Look look, Field* field, Rule* rule) except -2:
        """The reason against a value, or FINE."""
        cdef Py_ssize_t size = field.stop - field.start
        if size == 0 and self.not_empty:
            return NO_VALUE
        return FINE if rule is NULL else value_fault(rule, look.raw + field.start, size)


cdef bint says(Bytes value, Py_ssize_t size, int64_t number) noexcept:
    """Whether digits say the number, zeros before them aside; no digits say 0."""
    cdef Py_ssize_t at
    cdef int64_t total = 0
    for at in range(size):
        if value[at] < ZERO or value[at] > ZERO + 9 or total > number:
            return False
        total = total * 10 + (value[at] - ZERO)
    return total == number
