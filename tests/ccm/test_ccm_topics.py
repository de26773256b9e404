"""Topic names: a symbol never breaks or forges one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meridian.ccm import topics


def test_names_are_those_the_documents_give():
    assert topics.fill_executed("test-ccm") == "platform.ccm.test-ccm.fill.executed"
    assert topics.session_status("test-ccm") == "platform.ccm.test-ccm.session.status"
    assert topics.order_routed("test-ccm") == "platform.ccm.test-ccm.order.child.routed"
    assert topics.order_report("test-ccm") == "platform.ccm.test-ccm.order.report"
    assert topics.fill_topics("test-ccm", "AAPL") == (
        "platform.ccm.test-ccm.fill.executed",
        "platform.ccm.test-ccm.fill.AAPL",
    )


def test_a_fill_of_an_unknown_security_has_one_name():
    assert topics.fill_topics("x", None) == ("platform.ccm.x.fill.executed",)


@pytest.mark.parametrize(
    ("text", "token"),
    [("AAPL", "AAPL"), ("BRK.B", "BRK%2EB"), ("A B", "A%20B"), ("*", "%2A"), ("5%", "5%25")],
)
def test_reserved_characters_are_percent_encoded(text, token):
    assert topics.encode_token(text) == token


@pytest.mark.parametrize("name", ["executed", "corrected", "busted"])
def test_a_security_named_like_an_event_does_not_pass_for_it(name):
    alias = topics.fill_topics("x", name)[1]
    assert alias != f"platform.ccm.x.fill.{name}"
    assert topics.decode_token(alias.rsplit(".", 1)[1]) == name


@given(st.text(min_size=1))
def test_any_text_survives_as_one_token(text):
    token = topics.encode_token(text)
    assert not set(token) & set(".*> \t\n")
    assert topics.decode_token(token) == text


def test_what_is_no_token_is_refused():
    with pytest.raises(ValueError, match="empty"):
        topics.encode_token("")
    with pytest.raises(ValueError, match="%XX"):
        topics.decode_token("A%ZZ")
