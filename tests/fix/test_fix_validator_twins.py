"""The compiled dictionary check answers as the pure one, for every version, whatever comes."""

from __future__ import annotations

import importlib
from dataclasses import fields
from functools import lru_cache
from random import Random

import pytest
from fix_wire import framed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meridian.fix import pure_message, pure_validator
from meridian.fix.dictionary import VERSIONS, combine, standard
from meridian.fix.validator import ValidatorOptions

OPTIONS = [field.name for field in fields(ValidatorOptions)]
GOOD = {
    "BOOLEAN": ["Y", "N"],
    "CHAR": ["a", "1"],
    "INT": ["1", "-7", "007"],
    "LENGTH": ["3"],
    "NUMINGROUP": ["1"],
    "SEQNUM": ["5"],
    "UTCTIMESTAMP": ["20261121-04:43:00.123", "20240229-23:59:60"],
    "TIME": ["20261121-04:43:00"],
    "DATE": ["20261121"],
    "UTCDATE": ["20261121"],
    "UTCDATEONLY": ["20261121"],
    "LOCALMKTDATE": ["20240229"],
    "UTCTIMEONLY": ["04:43:00"],
    "MONTHYEAR": ["202611", "202611w2"],
    "DAYOFMONTH": ["31"],
    "LOCALMKTTIME": ["12:30:00"],
    "TZTIMEONLY": ["12:30Z"],
    "TZTIMESTAMP": ["20261121-12:30Z"],
}
BAD = ["", "x", "1.5.", "-", "20230229", "20261121-24:00:00", "Y ", " ", "1 2", "A B", "999"]


def native():
    try:
        decode = importlib.import_module("meridian.fix._message").decode
        return importlib.import_module("meridian.fix._validator").Validator, decode
    except ImportError:
        return None


@lru_cache(maxsize=64)
def dictionary_of(version):
    if version.startswith("FIX.5"):
        return combine(standard("FIXT.1.1"), standard(version))
    return standard(version)


@lru_cache(maxsize=256)
def validators(version, off):
    options = dict.fromkeys(off, False)
    if "allow_unknown_msg_fields" in options:
        options["allow_unknown_msg_fields"] = True
    dictionary = dictionary_of(version)
    return pure_validator.Validator(dictionary, **options), native()[0](dictionary, **options)


def value_of(draw, dictionary, tag):
    field = dictionary.field(tag)
    if draw.random() < 0.05:
        return draw.choice(BAD)
    if field is not None and field.values and draw.random() < 0.95:
        return draw.choice(list(field.values))
    return draw.choice(GOOD.get(field.type if field else "", ["1", "text"]))


def layout_fields(draw, dictionary, layout, share, depth=0):
    """Some of a layout's fields with values, groups with entries."""
    said = []
    for at, member in enumerate(layout.members):
        wanted = member.required or (depth > 0 and at == 0)
        if not wanted and draw.random() > share / (1 + depth):
            continue
        if member.group is None:
            said.append((member.tag, value_of(draw, dictionary, member.tag)))
        elif depth < 3:
            entries = draw.randint(0, 3)
            said.append((member.tag, str(entries + (draw.random() < 0.03))))
            for _ in range(entries):
                said += layout_fields(draw, dictionary, member.group, 0.3, depth + 1)
    return said


def damaged(draw, body):
    """The fields, perhaps moved, repeated, left out or joined by strangers."""
    for _ in range(draw.choice([0, 0, 1, 1, 2, 4])):
        at = draw.randrange(len(body) + 1)
        change = draw.randrange(5)
        if change == 0:
            tag = draw.choice([0, -3, 55, 999, 5001, 5001, 448, 628, 93, 34, 100_000, 40_000])
            body.insert(at, (tag, draw.choice(["x", "", "1"])))
        elif body and change == 1:
            body.insert(at, body[draw.randrange(len(body))])
        elif body and change == 2:
            body.insert(at, body.pop(draw.randrange(len(body))))
        elif body and change == 3:
            body.pop(draw.randrange(len(body)))
        elif body:
            place = draw.randrange(len(body))
            body[place] = (body[place][0], draw.choice(BAD))
    return body


@pytest.mark.skipif(native() is None, reason="the validator is not compiled")
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    version=st.sampled_from([v for v in VERSIONS if v != "FIXT.1.1"]),
    draw=st.randoms(use_true_random=False),
    off=st.sets(st.sampled_from(OPTIONS), max_size=3),
)
def test_the_native_validator_answers_as_the_pure_one(version, draw, off):
    dictionary = dictionary_of(version)
    pure, compiled = validators(version, tuple(sorted(off)))
    for _ in range(8):
        msg_type = draw.choice([*list(dictionary.messages)[:40], "?"])
        known = dictionary.message(msg_type)
        body = layout_fields(draw, dictionary, dictionary.header, 0.1)
        body = [field for field in body if field[0] not in (8, 9, 35)]
        if known is not None:
            body += layout_fields(draw, dictionary, known.layout, 0.1)
        body = damaged(draw, body)
        wire = framed("|".join([f"35={msg_type}", *(f"{tag}={value}" for tag, value in body)]))
        verdict, _, message = pure_message.decode(wire, 0)
        other = native()[1](wire, 0)
        assert verdict == other[0]
        if message is not None:
            assert compiled.check(other[2]) == pure.check(message), wire


@pytest.mark.skipif(native() is None, reason="the validator is not compiled")
def test_the_generator_makes_messages_that_fit():
    """Else the twins would only be compared on refusals."""
    draw = Random(7)
    dictionary = dictionary_of("FIX.4.4")
    _, compiled = validators("FIX.4.4", ())
    fit = 0
    for _ in range(200):
        body = layout_fields(draw, dictionary, dictionary.message("D").layout, 0.1)
        head = [(34, "2"), (49, "A"), (52, "20261121-04:43:00"), (56, "B")]
        wire = framed("|".join(["35=D", *(f"{tag}={value}" for tag, value in head + body)]))
        message = native()[1](wire, 0)[2]
        fit += message is not None and compiled.check(message) is None
    assert fit > 20
