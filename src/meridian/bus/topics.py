"""Which topics a pattern matches."""

from __future__ import annotations

__all__ = ["check_topic", "compile_pattern", "matches"]

MAX_TOKENS = 16
"""Tokens in a topic or pattern; brokers advise no more."""


def compile_pattern(pattern: str) -> tuple[str, ...]:
    """Split a pattern into tokens: ``*`` stands for one token, a last ``**`` for one or more.

    Raises:
        ValueError: an empty token, too many tokens, ``**`` before the end, or a wildcard inside
            a token.
    """
    tokens = _tokens(pattern)
    for position, token in enumerate(tokens):
        if "*" in token and token != "*" and (token != "**" or position != len(tokens) - 1):
            raise ValueError(
                f"bad pattern {pattern!r}: expected '*' as a whole token or '**' as the last"
            )
    return tokens


def check_topic(topic: str) -> tuple[str, ...]:
    """Split a topic into tokens.

    Raises:
        ValueError: an empty token, too many tokens, or a wildcard.
    """
    tokens = _tokens(topic)
    if "*" in topic:
        raise ValueError(f"bad topic {topic!r}: a message is not published on a pattern")
    return tokens


def matches(pattern: tuple[str, ...], topic: tuple[str, ...]) -> bool:
    """Whether a compiled pattern matches a topic's tokens."""
    if pattern[-1] == "**":
        head = pattern[:-1]
        return len(topic) > len(head) and _all_match(head, topic)
    return len(topic) == len(pattern) and _all_match(pattern, topic)


def _all_match(pattern: tuple[str, ...], topic: tuple[str, ...]) -> bool:
    return all(want in ("*", token) for want, token in zip(pattern, topic, strict=False))


def _tokens(text: str) -> tuple[str, ...]:
    tokens = tuple(text.split("."))
    if not all(tokens):
        raise ValueError(f"bad topic {text!r}: empty token")
    if len(tokens) > MAX_TOKENS:
        raise ValueError(f"bad topic {text!r}: more than {MAX_TOKENS} tokens")
    return tokens
