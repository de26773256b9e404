"""What cannot work is said at once, by name, and nothing stays locked."""

import pytest

from meridian.schema.errors import ConfigError
from meridian.services.fix_stack import FixStack

CREDENTIALS = {"host": "127.0.0.1", "port": 9, "sender": "TRADER", "target": "MERIDIAN"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"port": 0}, "missing port"),
        ({"port": 65_536}, "port is not a number from 1 to 65535"),
        ({"port": -1}, "port is not a number"),
        ({"port": [9]}, "port is not a number"),
        ({"host": ["127.0.0.1"]}, "host is not printable text"),
        ({"sender": 7}, "sender is not printable text"),
        ({"password": "p-53cr3t\x01"}, "password is not printable text$"),
    ],
)
async def test_credentials_that_cannot_work_are_named_and_not_tried_again(tmp_path, changed, said):
    for _ in range(2):
        stack = FixStack.build(tmp_path, CREDENTIALS | changed, exchange_id="X")
        with pytest.raises(ConfigError, match=f"credentials: {said}"):
            await stack.start()
