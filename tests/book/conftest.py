"""Every test that asks for ``new_book`` runs on the book with each ladder and on the reference."""

from __future__ import annotations

import pytest
from book_makers import makers


@pytest.fixture(params=["native", "pure", "reference"])
def new_book(request):
    """Makes a book: ``new_book(dice=None, level_events=False, **rules)``."""
    from meridian.book.rules import BookRules

    make = makers().get(request.param)
    if make is None:
        pytest.skip("the native ladder is not built here")

    def new(dice=None, level_events=False, **rules):
        return make(BookRules(**rules), dice, level_events=level_events)

    return new


@pytest.fixture
def book(new_book):
    """A book of the plainest rules in continuous trading."""
    return new_book()
