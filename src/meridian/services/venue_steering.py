"""Commands about FIX sessions: their numbers, messages by hand, deliberate faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from meridian.fix.fault import Direction, Fault, FaultKind
from meridian.fix.faults import FaultCount
from meridian.management import commands as c
from meridian.management import replies as r
from meridian.schema.errors import ConfigError, ConflictError, NotFoundError
from meridian.schema.times import NS_PER_SECOND
from meridian.services.venue import VenueService
from meridian.services.venue_endpoints import Client, client_view

__all__ = ["Steering"]


class Steering:
    """The sessions of one venue, command by command; methods are named after the commands."""

    def __init__(self, service: VenueService) -> None:
        self._service = service

    # Numbers ---------------------------------------------------------------------------------

    def set_sequence(self, command: c.SetSequence) -> r.SessionView:
        """Other numbers, agreed on with the client or sprung on it."""
        client = self._client(command.comp_id)
        now = self._service.records.machine()
        with _conflicts():
            if client.session.logged_on and command.next_in is None and command.next_out:
                client.session.reset_sequence(command.next_out, now)
            else:
                client.session.set_numbers(next_out=command.next_out, next_in=command.next_in)
        return self._changed(client)

    def reset_session(self, command: c.ResetSession) -> r.SessionView:
        """Both numbers from 1."""
        client = self._client(command.comp_id)
        with _conflicts():
            client.session.reset(self._service.records.machine())
        return self._changed(client)

    # Messages by hand ------------------------------------------------------------------------

    def send_message(self, command: c.SendMessage) -> r.SessionView:
        """An application message, numbered and kept for a resend."""
        client = self._client(command.comp_id)
        now = self._service.records.machine()
        with _conflicts():
            client.session.send(command.msg_type, list(command.fields), now)
        return self._changed(client)

    def send_raw(self, command: c.SendRaw) -> r.SessionView:
        """Bytes as they are."""
        client = self._client(command.comp_id)
        data = command.data.replace("|", "\x01").encode("latin-1")
        with _conflicts():
            client.session.send_raw(data, self._service.records.machine())
        return self._changed(client)

    def logout_session(self, command: c.LogoutSession) -> r.SessionView:
        """Logout, and the end of the connection."""
        client = self._client(command.comp_id)
        if not client.session.logged_on:
            raise ConflictError(f"session {command.comp_id!r} is not logged on")
        client.session.logout(command.text, self._service.records.machine())
        return self._changed(client)

    def disconnect_session(self, command: c.DisconnectSession) -> r.SessionView:
        """The end of the connection without a word."""
        client = self._client(command.comp_id)
        if client.link is None:
            raise ConflictError(f"session {command.comp_id!r} has no connection")
        client.cut("an operator cut it")
        return self._changed(client)

    # Faults ----------------------------------------------------------------------------------

    def arm_fault(self, command: c.ArmFault) -> r.Faults:
        """Let it misbehave."""
        client = self._client(command.comp_id)
        now = self._service.records.machine()
        try:
            fault = _fault(command.fault, now)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        with _conflicts():
            self._service.endpoints.faults(client).arm(fault)
        data = {"session": command.comp_id, "fault": fault.name, "type": fault.kind.value}
        self._service.note("fault_armed", **data)
        return self._faults(client)

    def disarm_fault(self, command: c.DisarmFault) -> r.Faults:
        """Let it behave."""
        client = self._client(command.comp_id)
        faults = self._service.endpoints.faults(client)
        names = [armed.fault.name for armed in faults.armed()]
        if command.name is not None and command.name not in names:
            known = ", ".join(names) or "none"
            raise NotFoundError(f"fault {command.name!r}: expected one of: {known}")
        for name in names if command.name is None else [command.name]:
            count = faults.disarm(name)
            self._service.note(
                "fault_disarmed", session=command.comp_id, fault=name, hits=count.hits
            )
        client.settle()
        return self._faults(client)

    def list_faults(self, command: c.ListFaults) -> r.Faults:
        """What is armed."""
        return self._faults(self._client(command.comp_id))

    # Latency ---------------------------------------------------------------------------------

    def set_latency(self, command: c.SetLatency) -> r.Latencies:
        """Let messages leave later."""
        if command.comp_id is not None:
            self._client(command.comp_id)
        self._service.endpoints.delay(command.comp_id, command.msg_type, command.model)
        said = command.model_dump(mode="json", include={"comp_id", "msg_type", "model"})
        self._service.note("latency_set", **said)
        return self._latencies()

    def list_latencies(self, command: c.ListLatencies) -> r.Latencies:
        """What is set."""
        return self._latencies()

    # Inside ----------------------------------------------------------------------------------

    def _client(self, comp_id: str) -> Client:
        return self._service.endpoints.client(comp_id)

    def _changed(self, client: Client) -> r.SessionView:
        client.settle()
        return client_view(client, self._service.name)

    def _latencies(self) -> r.Latencies:
        return r.Latencies(items=self._service.endpoints.latencies.definitions())

    def _faults(self, client: Client) -> r.Faults:
        faults = client.session.faults
        armed = [] if faults is None else faults.armed()
        return r.Faults(items=tuple(map(_fault_view, armed)))


@contextmanager
def _conflicts() -> Iterator[None]:
    """What a session says cannot be done now is a conflict."""
    try:
        yield
    except (RuntimeError, ValueError, TypeError) as error:
        raise ConflictError(str(error)) from None


def _fault(definition: c.FaultDefinition, now: int) -> Fault:
    seconds = definition.seconds
    return Fault(
        name=definition.name or definition.kind.value,
        kind=FaultKind(definition.kind.value),
        direction=Direction(definition.direction.value),
        msg_types=frozenset(definition.msg_types),
        after=definition.after,
        count=definition.count,
        per_mille=definition.per_mille,
        end=None if seconds is None else now + int(seconds * NS_PER_SECOND),
        amount=definition.amount,
        hold=int(definition.hold * NS_PER_SECOND),
    )


def _fault_view(count: FaultCount) -> r.FaultView:
    fault = count.fault
    return r.FaultView(
        name=fault.name, type=c.FaultName(fault.kind.value), seen=count.seen, hits=count.hits
    )
