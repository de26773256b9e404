"""Counters and gauges of a daemon in the Prometheus text format, made when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from meridian.services.venue import VenueService
from meridian.services.venue_records import Records

__all__ = ["metrics_text"]


class _Daemon(Collector):
    def __init__(self, venues: Iterable[VenueService], records: Records) -> None:
        self._venues = list(venues)
        self._records = records

    def collect(self) -> Iterator[Metric]:
        events = CounterMetricFamily(
            "meridian_events", "What happened to orders, by kind.", labels=["venue", "kind"]
        )
        sessions = GaugeMetricFamily(
            "meridian_sessions", "FIX sessions, by state.", labels=["venue", "state"]
        )
        orders = GaugeMetricFamily(
            "meridian_book_orders", "Orders in a book.", labels=["venue", "symbol"]
        )
        faults = GaugeMetricFamily("meridian_faults_armed", "Faults armed.", labels=["venue"])
        for service in self._venues:
            name = service.name
            for kind, count in service.counts.items():
                events.add_metric([name, kind], count)
            states: dict[str, int] = {}
            armed = 0
            for client in service.endpoints.clients.values():
                state = client.session.state.value
                states[state] = states.get(state, 0) + 1
                armed += 0 if client.session.faults is None else len(client.session.faults.armed())
            for state, count in states.items():
                sessions.add_metric([name, state], count)
            for symbol in service.instruments:
                orders.add_metric([name, symbol], service.venue.book(symbol).live)
            faults.add_metric([name], armed)
        messages = CounterMetricFamily("meridian_fix_messages", "FIX messages in and out.")
        messages.add_metric([], self._records.wire.last)
        yield from (events, sessions, orders, faults, messages)


def metrics_text(venues: Iterable[VenueService], records: Records) -> bytes:
    """Everything there is to know now."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Daemon(venues, records))
    return generate_latest(registry)
