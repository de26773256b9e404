"""What would break: a command somebody wrote is misread, or a mistake in it goes unexplained."""

from __future__ import annotations

from decimal import Decimal

import pytest

from meridian.management import parse_definition, parse_script, read_command
from meridian.management.commands import COMMANDS, FillOrder, SetMode
from meridian.management.script import MAX_COMMANDS
from meridian.schema.errors import ConfigError

VENUE = """
[[instruments]]
symbol = "AAPL"
reference_price = 150
[[endpoints]]
sessions = [{ comp_id = "ALICE" }]
[[bots]]
kind = "noise"
symbol = "AAPL"
"""
SCRIPT = (
    VENUE
    + """
[[commands]]
command = "set_mode"
symbol = "AAPL"
mode = "managed"
[[commands]]
command = "freeze_clock"
"""
)


def test_a_command_reads_prices_exactly_however_they_are_written():
    for price in ("150.10", 150.10, Decimal("150.1")):
        command = read_command({"command": "fill_order", "order_id": "O1", "price": price})
        assert isinstance(command, FillOrder)
        assert command.price == Decimal("150.1")


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ({"command": "fly"}, "command: expected one of create_venue, "),
        ({}, "command: expected one of"),
        ([], "command: expected one of"),
        ({"command": ["get_clock"]}, "command: expected one of"),
        ({"command": "fill_order"}, "order_id: required key is missing"),
        ({"command": "fill_order", "order_id": "x", "quantity": 0}, "quantity: expected greater"),
        ({"command": "get_clock", "x": 1}, "x: unknown key"),
        ({"command": "next_order", "timeout": 31}, "timeout: expected less than or equal to 30"),
        ({"command": "next_order", "timeout": float("nan")}, "timeout: "),
        ({"command": "set_sequence", "comp_id": "A"}, "expected next_out, next_in or both"),
        ({"command": "create_session", "session": {"comp_id": "A", "username": "a"}}, "or neither"),
        ({"command": "advance_clock", "seconds": "1E-10"}, "seconds: "),
    ],
)
def test_a_mistake_is_said_and_not_raised(tree, says):
    (line,) = read_command(tree)
    assert says in line


def test_a_wrong_password_is_not_repeated():
    changes = {"username": "a", "password": "\x01hush"}
    tree = {"command": "update_session", "comp_id": "A", "changes": changes}
    assert not any("hush" in line for line in read_command(tree))


def test_every_command_is_read_by_its_own_word():
    for word, kind in COMMANDS.items():
        assert kind.model_fields["command"].default == word
        assert kind.__doc__, f"{word} says nothing about itself"


def test_a_file_is_a_script_of_commands():
    script = parse_script(SCRIPT, "v.toml")
    assert [step.command for step in script.steps()] == [
        "create_venue",
        "create_instrument",
        "create_bot",
        "create_endpoint",
        "set_mode",
        "freeze_clock",
    ]
    assert script.commands[0] == SetMode(symbol="AAPL", mode="managed")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"commands = 1\n{VENUE}", "v.toml: commands: expected an array"),
        (f"{VENUE}\n[[commands]]\nx = 1", "v.toml: commands.0.command: expected one of"),
        (
            f'{VENUE}\n[[commands]]\ncommand = "set_mode"\nmode = "x"',
            "v.toml: commands.0.mode: expected 'matching' or 'managed', got 'x'",
        ),
    ],
)
def test_a_wrong_command_in_a_file_is_named_with_its_place(text, says):
    with pytest.raises(ConfigError) as caught:
        parse_script(text, "v.toml")
    assert says in str(caught.value)


def test_commands_of_a_file_are_bounded():
    many = f"commands = [{'{},' * (MAX_COMMANDS + 1)}]\n{VENUE}"
    with pytest.raises(ConfigError, match=f"commands: expected at most {MAX_COMMANDS}"):
        parse_script(many, "v.toml")


def test_where_only_a_venue_is_wanted_commands_are_not_lost_silently():
    with pytest.raises(ConfigError, match="commands: expected none here"):
        parse_definition(SCRIPT, "v.toml")
