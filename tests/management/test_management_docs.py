"""What would break: a configuration copied from the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from meridian.management import parse_definition
from meridian.schema.errors import ConfigError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "venue.md"
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_documented_configuration_is_read_whole():
    definition = parse_definition(EXAMPLE, "venue.md")
    assert definition.endpoints[0].sessions[0].comp_id == "TRADER"
    assert definition.bots[0].levels == 5
    assert definition.replay is not None


@pytest.mark.parametrize(
    "key", sorted(set(re.findall(r"^(\w+) =", EXAMPLE, re.MULTILINE)) - {"username", "password"})
)
def test_every_documented_key_is_a_real_one(key):
    """Misspelt, each is refused: so spelt as documented, each is read."""
    broken = re.sub(rf"^{key} =", f"{key}x =", EXAMPLE, flags=re.MULTILINE)
    with pytest.raises(ConfigError, match=f"{key}x: unknown key"):
        parse_definition(broken, "venue.md")
