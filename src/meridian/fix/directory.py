"""The sessions behind one endpoint: which one a Logon is for, made on the spot where allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from meridian.fix.config import SessionConfig
from meridian.fix.logon import is_of, logon_refusal
from meridian.fix.message import Message
from meridian.fix.session import Session
from meridian.fix.store import MessageStore
from meridian.fix.tags import BeginString, SenderCompID, TargetCompID
from meridian.schema.errors import ConfigError

__all__ = ["MAX_DYNAMIC", "SessionDirectory", "SessionTemplate"]

MAX_DYNAMIC = 1_000
"""Sessions that one template makes; further unknown peers are refused."""


@dataclass(frozen=True, slots=True)
class SessionTemplate:
    """How to make a session for a peer nobody has named before.

    ``config``'s ``target_comp_id`` stands for any; the rest holds as it is, password included.
    ``store`` makes the message store of a new session.
    """

    config: SessionConfig
    store: Callable[[SessionConfig], MessageStore]
    limit: int = MAX_DYNAMIC


class SessionDirectory(Mapping[str, Session]):
    """Sessions by the key their owner knows them by, and by what a Logon's header says.

    A session is found by BeginString, SenderCompID and TargetCompID, and by the SubIDs and
    LocationIDs that it is configured with; of several the one that is configured closest wins. A
    session made from the template has its ``config.name`` for a key.

    Raises:
        ConfigError: two sessions that no Logon could tell apart.
    """

    def __init__(
        self, sessions: Mapping[str, Session], template: SessionTemplate | None = None
    ) -> None:
        self._sessions: dict[str, Session] = {}
        self._by_ids: dict[tuple[str, str, str], list[tuple[str, Session]]] = {}
        self._template = template
        self._made = 0
        names: dict[str, str] = {}
        for key, session in sessions.items():
            other = names.setdefault(session.config.name, key)
            if other != key:
                raise ConfigError(f"sessions {other} and {key} are both {session.config.name}")
            self._add(key, session)

    def __getitem__(self, key: str) -> Session:
        return self._sessions[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sessions)

    def __len__(self) -> int:
        return len(self._sessions)

    def find(self, logon: Message, now: int) -> tuple[str, Session] | None:
        """Key and session that a Logon is for, None where it is nobody's.

        A session is made only for a Logon that it would take.

        Raises:
            ConfigError, StoreError: the template's store cannot be made; no session was.
        """
        begin, sender = logon.get(BeginString, ""), logon.get(SenderCompID, "")
        known = self._by_ids.get((begin, logon.get(TargetCompID, ""), sender), ())
        for key, session in known:
            if is_of(session.config, logon):
                return key, session
        return None if known else self._make(sender, logon, now)

    def _make(self, sender: str, logon: Message, now: int) -> tuple[str, Session] | None:
        template = self._template
        if template is None or not sender or self._made >= template.limit:
            return None
        config = replace(template.config, target_comp_id=sender)
        if logon_refusal(config, logon, now) is not None:
            return None
        session = Session(config, template.store(config))
        self._made += 1
        self._add(config.name, session)
        return config.name, session

    def _add(self, key: str, session: Session) -> None:
        config = session.config
        self._sessions[key] = session
        ids = (config.begin_string, config.sender_comp_id, config.target_comp_id)
        same = self._by_ids.setdefault(ids, [])
        same.append((key, session))
        same.sort(key=lambda entry: -_ids_beyond_comp_ids(entry[1].config))


def _ids_beyond_comp_ids(config: SessionConfig) -> int:
    more = (
        config.sender_sub_id,
        config.sender_location_id,
        config.target_sub_id,
        config.target_location_id,
    )
    return sum(value is not None for value in more)
