"""What a caller may hand in: bad input is refused by name and changes nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from kernel_core import limit

from meridian.kernel import intake
from meridian.schema.errors import ValidationError


@pytest.mark.parametrize(
    "intent_id", ["", "a\x01b", "\ud800", "x" * (intake.MAX_ID_LENGTH + 1), "K1-7"]
)
def test_an_id_that_cannot_be_kept_or_is_the_kernels_own_is_refused(core, intent_id):
    with pytest.raises(ValidationError, match="intent_id"):
        core.place(intent_id=intent_id)
    assert not core.log


def test_a_chosen_id_never_takes_the_place_of_a_made_one(core):
    first = core.place()
    assert core.place(intent_id=first) == first
    assert len({first, core.place(limit(quantity=7), intent_id="mine"), core.place()}) == 3


@pytest.mark.parametrize(
    "metadata",
    [
        {"x": object()},
        {"x": Decimal("1.5")},
        {"x": float("nan")},
        {"x": "\ud800"},
        {"x": "a" * intake.MAX_METADATA},
    ],
)
def test_metadata_that_the_journal_cannot_hold_is_refused(core, metadata):
    with pytest.raises(ValidationError, match="metadata"):
        core.place(metadata=metadata)
    assert not core.log


def test_metadata_is_a_copy_that_a_restart_does_not_change(core):
    mine = {"legs": (1, 2), 3: ["x"]}
    kept = core[core.place(metadata=mine)].intent.metadata
    mine[3].append("y")
    assert kept == {"legs": [1, 2], "3": ["x"]}
