"""A venue's TOML: what a user writes, and what a mistake tells them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from meridian.management import (
    Activity,
    BotKind,
    EndpointDefinition,
    VenueDefinition,
    default_definition,
    parse_definition,
)
from meridian.management.definition import (
    MAX_BOTS,
    MAX_ENDPOINTS,
    MAX_INSTRUMENTS,
    MAX_SESSIONS,
)
from meridian.management.mistakes import MAX_SHOWN
from meridian.schema.errors import ConfigError

WHOLE = """
name = "XMER"
seed = 7

[[instruments]]
symbol = "AAPL"
tick_size = 0.01
lot_size = 1
min_quantity = 10
currency = "USD"
reference_price = "150.10"

[[endpoints]]
host = "0.0.0.0"
port = 0
[[endpoints.sessions]]
comp_id = "ALICE"
username = "alice"
password = "secret"
[[endpoints.sessions]]
comp_id = "BOB"

[[bots]]
kind = "market_maker"
symbol = "AAPL"
activity = "fast"
levels = 3
spread = 4
quantity = 50

[replay]
file = "day.itch"
symbol = "AAPL"
messages_per_second = 500
"""
SMALL = """
[[instruments]]
symbol = "AAPL"
reference_price = 150
[[endpoints]]
sessions = [{ comp_id = "ALICE" }]
"""


def test_everything_a_file_can_say():
    venue = parse_definition(WHOLE, "v.toml")
    assert (venue.name, venue.seed) == ("XMER", 7)
    (instrument,) = venue.instruments
    assert instrument.tick_size == Decimal("0.01"), "a TOML number is read exactly"
    assert instrument.reference_price == Decimal("150.10")
    (endpoint,) = venue.endpoints
    assert (endpoint.host, endpoint.port, endpoint.protocol) == ("0.0.0.0", 0, "FIX.4.4")
    assert [(s.comp_id, s.username, s.password) for s in endpoint.sessions] == [
        ("ALICE", "alice", "secret"),
        ("BOB", None, None),
    ]
    (bot,) = venue.bots
    assert (bot.kind, bot.activity, bot.levels) == (BotKind.MARKET_MAKER, Activity.FAST, 3)
    assert venue.replay.messages_per_second == 500
    assert "secret" not in repr(venue)


def test_the_least_a_file_must_say():
    venue = parse_definition(SMALL, "v.toml")
    assert venue.name == "MERIDIAN"
    assert venue.bots == ()
    assert venue.replay is None
    assert venue.instruments[0].tick_size == Decimal("0.01")


def test_without_a_file_there_is_something_to_trade():
    venue = default_definition()
    assert [i.symbol for i in venue.instruments] == ["AAPL", "MSFT", "EURUSD"]
    assert [s.comp_id for s in venue.endpoints[0].sessions] == ["TRADER", "VIEWER"]
    for instrument in venue.instruments:
        kinds = {bot.kind for bot in venue.bots if bot.symbol == instrument.symbol}
        assert kinds == {BotKind.MARKET_MAKER, BotKind.NOISE}


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ('symbol = "AAPL"', "symbol = ", ["not valid TOML"]),
        ('symbol = "AAPL"', 'symbl = "AAPL"', ["instruments.0.symbol: required key", "symbl"]),
        ("reference_price = 150", "reference_price = -1", ["greater than 0", "'-1'"]),
        ("reference_price = 150", "reference_price = 1.001", ["tick_size 0.01"]),
        ("reference_price = 150", 'reference_price = "much"', ["expected a number", "'much'"]),
        ("reference_price = 150", "reference_price = inf", ["finite"]),
        ("reference_price = 150", "reference_price = 1e999999999", ["reference_price"]),
        (
            "reference_price = 150",
            "reference_price = 150\nlot_size = 10\nmin_quantity = 15",
            ["instruments.0", "min_quantity: 15 is not a multiple of lot_size 10"],
        ),
        ('"ALICE"', '"AL ICE"', ["endpoints.0.sessions.0.comp_id"]),
        ('"ALICE"', '"AL\\u0001"', ["endpoints.0.sessions.0.comp_id"]),
        ('"ALICE"', '"MERIDIAN"', ["the venue's own name"]),
        ('"ALICE" }', '"ALICE" }, { comp_id = "ALICE" }', ["comp_id 'ALICE' is used twice"]),
        ('"ALICE" }', '"ALICE", username = "a" }', ["both username and password"]),
        ("sessions =", "port = 70000\nsessions =", ["endpoints.0.port", "65535", "'70000'"]),
        ("sessions =", 'port = "x"\nsessions =', ["endpoints.0.port"]),
        ("sessions =", 'protocol = "FIX.6.0"\nsessions =', ["endpoints.0.protocol", "FIX.4.4"]),
        ('[{ comp_id = "ALICE" }]', "7", ["endpoints.0.sessions: expected an array"]),
        ("[[instruments]]", 'color = "red"\n[[instruments]]', ["color: unknown key"]),
        ("[[instruments]]", "[instruments]", ["instruments: expected an array"]),
        ("[[instruments]]", f"x = {'[' * 9999}\n[[instruments]]", ["nested too deeply"]),
        ("[[instruments]]", f"seed = {'1' * 9999}\n[[instruments]]", ["number is out of range"]),
        ("[[instruments]]", "seed = 1e9999999999999999999\n[[instruments]]", ["out of range"]),
        (
            "[[instruments]]",
            f"seed = 0x{'f' * 9999}\n[[instruments]]",
            ["seed: expected less", "0xff"],
        ),
        ("[[instruments]]", "seed = true\n[[instruments]]", ["seed: expected an integer", "True"]),
        ("sessions =", "port = true\nsessions =", ["endpoints.0.port: expected an integer"]),
        ("sessions =", 'host = "a\\u0000b"\nsessions =', ["endpoints.0.host"]),
        ("reference_price = 150", 'reference_price = "1E+40"', ["reference_price", "digits"]),
        ("reference_price = 150", 'reference_price = 1\ntick_size = "1E-30"', ["tick_size"]),
        ("reference_price = 150", "reference_price = 1\nmin_quantity = 1e35", ["min_quantity"]),
        ("reference_price = 150", 'reference_price = 1\nlot_size = "1234567890.123"', ["lot_size"]),
        ('"ALICE" }', '"ALICE", username = "", password = "" }', ["sessions.0.username"]),
        ('"ALICE" }', '"ALICE", username = "a\\u0001", password = "b" }', ["sessions.0.username"]),
    ],
)
def test_a_mistake_is_named_with_its_place(old, new, lines):
    assert old in SMALL
    with pytest.raises(ConfigError) as caught:
        parse_definition(SMALL.replace(old, new, 1), "v.toml")
    text = str(caught.value)
    assert all(line.startswith("v.toml: ") for line in text.splitlines())
    for part in lines:
        assert part in text


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('[[bots]]\nkind = "noise"\nsymbol = "MSFT"', "bots.0.symbol: 'MSFT' is none of"),
        ('[[bots]]\nkind = "robot"\nsymbol = "AAPL"', "bots.0.kind: expected 'market_maker'"),
        ('[[bots]]\nkind = "plugin"\nsymbol = "AAPL"', "bots.0: expected plugin with kind"),
        ('[[bots]]\nkind = "noise"\nsymbol = "AAPL"\nquantity = 0.5', "bots.0.quantity: 0.5"),
        ('[replay]\nfile = "f"\nsymbol = "MSFT"', "replay.symbol: 'MSFT' is none of"),
        ('[replay]\nfile = "f\\u0000"\nsymbol = "AAPL"', "replay.file: "),
        ('[[bots]]\nkind = "noise"\nsymbol = "AAPL"\nquantity = 1e40', "bots.0.quantity: "),
        ('[[instruments]]\nsymbol = "AAPL"\nreference_price = 1', "symbol 'AAPL' is used twice"),
    ],
)
def test_names_have_to_agree_across_the_file(more, says):
    with pytest.raises(ConfigError) as caught:
        parse_definition(SMALL + more, "v.toml")
    assert str(caught.value).splitlines() == [next(iter(str(caught.value).splitlines()))]
    assert says in str(caught.value)


def test_every_mistake_is_told_at_once_and_no_password():
    text = SMALL.replace("150", "0").replace('"ALICE"', '"", password = 12345678')
    with pytest.raises(ConfigError) as caught:
        parse_definition(text, "v.toml")
    assert len(str(caught.value).splitlines()) == 3
    assert "12345678" not in str(caught.value)


def test_a_password_under_a_misspelt_key_is_not_told_either():
    with pytest.raises(ConfigError) as caught:
        parse_definition(SMALL.replace('"ALICE"', '"ALICE", passwort = "hunter2"'), "v.toml")
    assert str(caught.value) == "v.toml: endpoints.0.sessions.0.passwort: unknown key"


def test_a_long_wrong_value_is_cut():
    with pytest.raises(ConfigError) as caught:
        parse_definition(SMALL.replace("AAPL", "A" * 10_000), "v.toml")
    assert "'AAAA" in str(caught.value)
    assert len(str(caught.value)) < 2 * MAX_SHOWN + 100


@pytest.mark.parametrize(
    ("table", "one", "most"),
    [
        ("instruments", {"symbol": "AAPL", "reference_price": 1}, MAX_INSTRUMENTS),
        ("endpoints", {"sessions": [{"comp_id": "A"}]}, MAX_ENDPOINTS),
        ("sessions", {"comp_id": "A"}, MAX_SESSIONS),
        ("bots", {"kind": "noise", "symbol": "AAPL"}, MAX_BOTS),
    ],
)
def test_there_may_be_so_many_of_each(table, one, most):
    model = EndpointDefinition if table == "sessions" else VenueDefinition
    with pytest.raises(ValidationError, match=f"at most {most} item"):
        model.model_validate({table: [one] * (most + 1)})


@given(st.text(max_size=200))
def test_any_text_is_a_definition_or_a_clear_refusal(text):
    said = "v.toml: "
    try:
        parse_definition(text, "v.toml")
    except ConfigError as error:
        said = str(error)
    assert said.startswith("v.toml: ")
