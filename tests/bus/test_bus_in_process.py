"""The in-process bus: who receives what, once, in order, and what a slow consumer learns."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meridian.bus import DEFAULT_CAPACITY, InProcessBus, Overflow, SubscriptionOverflow
from meridian.bus.topics import MAX_TOKENS, compile_pattern, matches
from meridian.schema import Envelope

TOKENS = st.text("ab*", min_size=1, max_size=2).filter(lambda token: "*" not in token)


def envelope(*topics, number=1):
    return Envelope(
        topic=topics[0],
        topics=topics,
        payload=b"{}",
        message_id=f"m{number}",
        source_id="test",
        timestamp_ns=0,
        sequence=number,
    )


async def numbers(subscription):
    subscription.close()
    return [message.sequence async for message in subscription]


@pytest.mark.parametrize(
    ("pattern", "topic", "expected"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.c", False),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("a.*.c", "a.b.c", True),
        ("a.**", "a.b", True),
        ("a.**", "a.b.c.d", True),
        ("a.**", "a", False),
        ("**", "a", True),
        ("*.b.**", "a.b.c", True),
    ],
)
async def test_patterns_match_as_documented(pattern, topic, expected):
    bus = InProcessBus()
    subscription = bus.subscribe(pattern)
    bus.publish(envelope(topic))
    assert bool(subscription.pending) is expected


@given(st.lists(TOKENS, min_size=1, max_size=4), st.lists(st.sampled_from("ab"), max_size=4))
def test_a_topic_matches_itself_and_every_pattern_made_of_it(topic, rest):
    whole = tuple(topic + rest)
    assert matches(compile_pattern(".".join(whole)), whole)
    assert matches(compile_pattern(".".join("*" * len(whole))), whole)
    assert matches(compile_pattern(".".join((*topic[:1], "**"))), whole) is (len(whole) > 1)


@pytest.mark.parametrize("pattern", ["", "a..b", ".a", "a.**.b", "a.b*", "a.***"])
async def test_a_malformed_pattern_is_refused(pattern):
    with pytest.raises(ValueError, match="bad"):
        InProcessBus().subscribe(pattern)


async def test_nothing_is_delivered_of_an_envelope_with_a_bad_topic():
    bus = InProcessBus()
    subscription = bus.subscribe("**")
    long = ".".join("a" * (MAX_TOKENS + 1))
    for bad in ("a.*", "a..b", long):
        with pytest.raises(ValueError, match="bad topic"):
            bus.publish(envelope("a.good", bad))
    assert subscription.pending == 0


async def test_an_envelope_with_two_matching_topics_comes_once():
    """A fill has two names; a wildcard over both must not book it twice."""
    bus = InProcessBus()
    subscription = bus.subscribe("platform.ccm.*.fill.*")
    bus.publish(envelope("platform.ccm.x.fill.executed", "platform.ccm.x.fill.AAPL"))
    assert await numbers(subscription) == [1]


async def test_every_subscription_gets_every_message_in_order():
    bus = InProcessBus()
    first, second = bus.subscribe("a.**"), bus.subscribe("a.b")
    for number in range(1, 6):
        bus.publish(envelope("a.b", number=number))
    assert await numbers(first) == await numbers(second) == [1, 2, 3, 4, 5]


async def test_a_waiting_consumer_is_woken():
    bus = InProcessBus()
    subscription = bus.subscribe("a")
    waiting = asyncio.create_task(anext(subscription))
    await asyncio.sleep(0)
    bus.publish(envelope("a", number=7))
    assert (await waiting).sequence == 7


async def test_a_consumer_that_falls_behind_is_told_and_loses_nothing_in_silence():
    bus = InProcessBus()
    subscription = bus.subscribe("a", capacity=2)
    for number in (1, 2, 3, 4):
        bus.publish(envelope("a", number=number))
    assert (await anext(subscription)).sequence == 1
    bus.publish(envelope("a", number=5))
    assert (await anext(subscription)).sequence == 2
    with pytest.raises(SubscriptionOverflow, match="more than 2"):
        await anext(subscription)


async def test_a_consumer_of_quotes_keeps_the_latest():
    bus = InProcessBus()
    subscription = bus.subscribe("a", capacity=2, overflow=Overflow.DROP_OLDEST)
    for number in (1, 2, 3, 4):
        bus.publish(envelope("a", number=number))
    assert subscription.dropped == 2
    assert await numbers(subscription) == [3, 4]


async def test_the_default_queue_is_bounded():
    bus = InProcessBus()
    subscription = bus.subscribe("a")
    message = envelope("a")
    for _ in range(DEFAULT_CAPACITY + 1):
        bus.publish(message)
    assert subscription.pending == DEFAULT_CAPACITY
    with pytest.raises(ValueError, match="at least 1"):
        bus.subscribe("a", capacity=0)


async def test_a_closed_subscription_hands_over_what_it_has_and_receives_no_more():
    bus = InProcessBus()
    with bus.subscribe("a") as subscription:
        bus.publish(envelope("a", number=1))
    bus.publish(envelope("a", number=2))
    assert [message.sequence async for message in subscription] == [1]
    subscription.close()
