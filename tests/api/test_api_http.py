"""What would break: people who steer a daemon over HTTP and WebSocket, and those who may not."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket

import pytest
import websockets

from meridian.api import ApiServer, Tokens, access, gate, server
from meridian.api.app import build_routes
from meridian.management import Script, default_definition
from meridian.schema.errors import ConfigError
from meridian.services.logs import Silent
from meridian.services.venue_host import VenueHost
from meridian.services.venue_records import Records

PATIENCE = 20
"""Seconds before a test gives up; never a pace."""
OPEN = Tokens()
GUARDED = Tokens(operator="op-secret", read_only="ro-secret")


@contextlib.asynccontextmanager
async def serving(tokens=OPEN):
    """A host with its API; the port."""
    host = VenueHost(Records(log=Silent()))
    await host.start(Script(default_definition(port=0, bots=False)))
    api = ApiServer(host, tokens, "127.0.0.1", 0)
    _, port = await api.start()
    try:
        yield port
    finally:
        await api.stop()
        await host.stop()


async def ask(port, method, path, body=None, **headers):
    """Status and JSON of one request, from another thread."""

    def asking():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        text = json.dumps(body) if isinstance(body, dict | list) else body
        if text is not None:
            names.setdefault("Content-Type", "application/json")
        connection.request(method, path, text, names)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(data) if is_json else data.decode()

    return await asyncio.to_thread(asking)


async def test_a_thing_is_made_shown_changed_and_deleted():
    async with serving() as port:
        instruments = "/v1/venues/MERIDIAN/instruments"
        new = {"symbol": "EUR/GBP", "reference_price": "0.85", "tick_size": "0.0001"}
        assert (await ask(port, "POST", instruments, new))[0] == 201
        status, failure = await ask(port, "POST", instruments, new)
        assert (status, failure["code"]) == (409, "conflict")
        one = f"{instruments}/EUR/GBP"
        status, view = await ask(port, "PATCH", one, {"reference_price": "0.9"})
        assert (status, view["definition"]["reference_price"]) == (200, "0.9")
        assert (await ask(port, "GET", "/v1/venues/MERIDIAN/books/EUR/GBP"))[0] == 200
        assert await ask(port, "DELETE", one) == (200, {"kind": "done"})
        status, failure = await ask(port, "GET", one)
        assert (status, failure["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", "/v1/venues/NONE", None, 404, "expected one of: MERIDIAN"),
        ("GET", "/nowhere", None, 404, "Not Found"),
        ("PUT", "/v1/venues", None, 405, "Method Not Allowed"),
        ("POST", "/v1/commands", "{", 422, "JSON"),
        ("POST", "/v1/commands", b"\xff", 400, ""),
        ("POST", "/v1/commands", {"command": "fly"}, 422, "fly"),
        ("POST", "/v1/commands", {"command": "set_mode", "mode": "x"}, 422, "matching"),
        ("GET", "/v1/events?after=-1", None, 422, "after"),
        ("GET", "/v1/events?wait=31", None, 422, "wait"),
        ("POST", "/v1/commands", "[" * 100_000, 400, ""),
    ],
)
async def test_a_mistake_is_answered_in_one_shape(method, path, body, status, says):
    async with serving() as port:
        answered, failure = await ask(port, method, path, body)
    assert answered == status
    assert failure["kind"] == "failure"
    assert says in failure["text"]


async def test_nobody_gets_anything_without_a_token_but_health():
    async with serving(GUARDED) as port:
        routes = build_routes(VenueHost(), GUARDED).openapi()["paths"]
        for path, methods in routes.items():
            for method in methods:
                if path in ("/health", "/ready"):
                    continue
                status, _ = await ask(port, method.upper(), path.replace("{", "").replace("}", ""))
                assert status == 401, f"{method} {path}"
        for secret in ("op-secre", "op-secret2", "", "é"):
            status, _ = await ask(
                port, "GET", "/v1/venues", Authorization=f"Bearer {secret}".encode()
            )
            assert status == 401
        assert (await ask(port, "GET", "/health"))[0] == 200
        for page in ("/docs", "/redoc", "/openapi.json"):
            assert (await ask(port, "GET", page))[0] == 404


async def test_people_without_a_token_may_read_the_documentation():
    async with serving() as port:
        assert (await ask(port, "GET", "/openapi.json"))[0] == 200


async def test_a_read_only_token_looks_and_changes_nothing():
    async with serving(GUARDED) as port:
        reader = {"Authorization": "Bearer ro-secret"}
        assert (await ask(port, "GET", "/v1/venues", **reader))[0] == 200
        status, failure = await ask(port, "POST", "/v1/commands", {"command": "reset"}, **reader)
        assert (status, failure["code"]) == (403, "forbidden")
        operator = {"Authorization": "bearer op-secret"}
        assert (await ask(port, "POST", "/v1/commands", {"command": "reset"}, **operator))[0] == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_the_world_is_not_served_without_a_token(host):
    with pytest.raises(ConfigError, match="expected an operator token"):
        ApiServer(VenueHostless(), OPEN, host, 0)
    ApiServer(VenueHostless(), GUARDED, host, 0)
    assert access.is_loopback("127.8.9.1")


class VenueHostless:
    """Never asked."""


@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
async def test_a_foreign_page_is_not_answered(header):
    async with serving() as port:
        status, failure = await ask(port, "GET", "/v1/venues", **header)
        assert (status, failure["code"]) == (403, "forbidden")
        if "Origin" in header:
            with pytest.raises(websockets.InvalidStatus):
                await websockets.connect(
                    f"ws://127.0.0.1:{port}/v1/stream", origin=header["Origin"]
                )


async def test_events_stream_as_they_happen_with_heartbeats_between(monkeypatch):
    monkeypatch.setattr("meridian.api.stream.HEARTBEAT", 0.01)
    async with (
        serving() as port,
        asyncio.timeout(PATIENCE),
        websockets.connect(f"ws://127.0.0.1:{port}/v1/stream") as stream,
    ):
        first = json.loads(await stream.recv())
        assert [item["type"] for item in first["items"]][-1] == "endpoint_created"
        assert json.loads(await stream.recv())["items"] == [], "a heartbeat"
        session = {"comp_id": "NEW"}
        await ask(port, "POST", "/v1/venues/MERIDIAN/sessions", session)
        while not (page := json.loads(await stream.recv()))["items"]:
            pass
        assert page["items"][0]["type"] == "session_created"
        assert page["lost"] == 0


async def test_a_stream_wants_a_token_where_one_is_set():
    async with serving(GUARDED) as port, asyncio.timeout(PATIENCE):
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(f"ws://127.0.0.1:{port}/v1/stream")
        url = f"ws://127.0.0.1:{port}/v1/stream?token=ro-secret"
        async with websockets.connect(url) as stream:
            assert json.loads(await stream.recv())["kind"] == "events"


async def test_events_are_waited_for():
    async with serving() as port:
        _, page = await ask(port, "GET", "/v1/events?limit=1000")
        waiting = asyncio.create_task(ask(port, "GET", f"/v1/events?after={page['next']}&wait=20"))
        await asyncio.sleep(0)
        await ask(port, "POST", "/v1/venues/MERIDIAN/sessions", {"comp_id": "NEW"})
        _, news = await waiting
        assert [item["type"] for item in news["items"]] == ["session_created"]


async def test_metrics_count_what_happened():
    async with serving() as port:
        _, text = await ask(port, "GET", "/metrics")
    assert 'meridian_events_total{kind="instrument_changed",venue="MERIDIAN"} 3.0' in text
    assert 'meridian_sessions{state="disconnected",venue="MERIDIAN"} 2.0' in text


async def test_a_body_beyond_the_bound_is_refused():
    async with serving() as port:
        status, failure = await ask(port, "POST", "/v1/commands", " " * (gate.MAX_BODY + 1))
        assert (status, failure["code"]) == (413, "too_large")


async def test_slow_and_malformed_clients_leave_it_serving(monkeypatch):
    monkeypatch.setattr(server, "HEAD_TIMEOUT", 0.2)
    monkeypatch.setattr(gate, "BODY_TIMEOUT", 0.2)
    async with serving() as port, asyncio.timeout(PATIENCE * 3):
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
        for _, writer in slow[:25]:
            writer.write(b"GET /health HTTP/1.1\r\nHost: ")
        for _, writer in slow[25:]:
            head = b"POST /v1/commands HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
            writer.write(head)
        for number in range(10_000 // 50):
            with socket.create_connection(("127.0.0.1", port)) as malformed:
                malformed.setblocking(False)
                malformed.send(b"\x00\xff GET\r\n\r\n" * 50)
            if number % 20 == 0:
                assert (await ask(port, "GET", "/health"))[0] == 200
        for reader, writer in slow:
            await reader.read()
            writer.close()
        assert (await ask(port, "GET", "/ready"))[0] == 200


async def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"management: cannot listen on 127.0.0.1:{port}"):
            await ApiServer(VenueHostless(), OPEN, "127.0.0.1", port).start()
