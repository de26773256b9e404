"""A venue's state in a real PostgreSQL server, where there is one to start."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from meridian.schema.errors import ConfigError
from meridian.store.database import Database
from meridian.store.tables import METADATA
from meridian.store.venue_state import VenueStates

pytest.importorskip("psycopg", reason="psycopg is not installed")


def server_program(name: str) -> str | None:
    """Debian keeps the server's programs out of the PATH."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *map(str, places)]))


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    initdb, postgres = server_program("initdb"), server_program("pg_ctl")
    if initdb is None or postgres is None:
        pytest.skip("no PostgreSQL server is installed")
    user = {}
    folder = tmp_path_factory.mktemp("postgres")
    if os.geteuid() == 0:
        # The server refuses to run as root, and whoever it runs as must get to its files.
        user = {"user": "nobody"}
        for each in (folder, *folder.parents):
            if "pytest-" in str(each):
                each.chmod(0o755)
        folder.chmod(0o777)
    data = str(folder / "data")

    def run(*command):
        silent = subprocess.DEVNULL
        subprocess.run(command, check=True, stdout=silent, stderr=silent, **user)

    run(initdb, "-D", data, "-U", "meridian", "-A", "trust", "-N")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run(postgres, "-D", data, "-w", "-o", options, "start")
    yield f"postgresql://meridian@/postgres?host={folder}"
    run(postgres, "-D", data, "-m", "immediate", "stop")


@pytest.fixture
def states(url):
    states = VenueStates(Database(url, METADATA))
    yield states
    states.close()


def again(states, url):
    states.close()
    return VenueStates(Database(url, METADATA))


def test_commands_numbers_and_messages_come_back_together(states, url):
    state = states.create("V", "RUN")
    state.redefined = True
    state.tell_definition = lambda: "{}"
    store = state.message_store("A")
    with states.hold():
        state.pending.append((1, "BOT"))
        store.append(1, b"8=FIX")
        store.set_next_in(7)
        states.commit()
        assert state.changed
    states.commit()
    assert not state.changed
    states = again(states, url)
    assert states.names() == ["V"]
    state = states.open("V")
    store = state.message_store("A")
    assert (state.run, state.definition, state.batches()) == ("RUN", "{}", ['[[1, "BOT"]]'])
    assert (store.next_out, store.next_in, store.messages(1, 9)) == (2, 7, [(1, b"8=FIX")])
    states.delete("V")
    assert states.names() == []
    states.close()


def test_nothing_of_a_failed_commit_is_there(states, url):
    state = states.create("W", "RUN")
    state.message_store("A").append(1, b"8=FIX")

    def fail():
        with states.database.transaction() as connection:
            state.write(connection)
            connection.exec_driver_sql("SELECT no_such_column")

    with pytest.raises(SQLAlchemyError):
        fail()
    states.commit()
    assert state.message_store("A").messages(1, 1) == [(1, b"8=FIX")]


def test_one_process_at_a_time(states, url):
    with pytest.raises(ConfigError, match="another process holds it"):
        Database(url, METADATA)


def test_a_server_that_is_not_there_is_named_without_its_password():
    with pytest.raises(ConfigError, match="nowhere") as raised:
        Database("postgresql://me:secret@localhost:1/nowhere", METADATA)
    assert "secret" not in str(raised.value)


def test_another_kind_of_database_is_refused():
    with pytest.raises(ConfigError, match=r"mysql.*expected a path, sqlite"):
        Database("mysql://localhost/x", METADATA)
