"""Many sessions behind one endpoint: each Logon finds its own, strangers none."""

from __future__ import annotations

import pytest
from fix_wire import START, Desk, framed

from meridian.fix import Admission, MemoryMessageStore, Session, SessionConfig
from meridian.fix.directory import SessionDirectory, SessionTemplate
from meridian.fix.timestamps import timestamp
from meridian.schema.errors import ConfigError


def session(peer="TRADER", **options):
    return Session(SessionConfig("MERIDIAN", peer, False, **options), MemoryMessageStore())


def logon(peer="TRADER", begin="FIX.4.4", more="", body="98=0|108=30"):
    return framed(f"35=A|34=1|49={peer}{more}|52={timestamp(START)[:17]}|56=MERIDIAN|{body}", begin)


def admit(directory, data):
    admission = Admission(directory, START)
    admission.receive_data(data, START)
    return admission


def test_one_peer_has_a_session_for_each_version():
    directory = SessionDirectory(
        {version: session(begin_string=version) for version in ("FIX.4.0", "FIX.4.2", "FIX.4.4")}
    )
    for version in directory:
        assert admit(directory, logon(begin=version)).key == version
    assert "no session for 'FIX.4.1'" in admit(directory, logon(begin="FIX.4.1")).refusal


def test_the_closest_sub_ids_win():
    directory = SessionDirectory(
        {
            "any": session(),
            "desk": session(target_sub_id="DESK"),
            "desk in london": session(target_sub_id="DESK", target_location_id="LDN"),
        }
    )
    assert admit(directory, logon(more="|50=DESK|142=LDN")).key == "desk in london"
    assert admit(directory, logon(more="|50=DESK|142=NYC")).key == "desk"
    assert admit(directory, logon(more="|50=OTHER")).key == "any"


def test_two_sessions_that_no_logon_can_tell_apart_are_refused():
    with pytest.raises(ConfigError, match=r"a and b are both FIX\.4\.4:MERIDIAN->TRADER"):
        SessionDirectory({"a": session(), "b": session()})


def dynamic(limit=2, **options):
    stores = []

    def store(config):
        stores.append(config.target_comp_id)
        return MemoryMessageStore()

    config = SessionConfig("MERIDIAN", "*", False, **options)
    return SessionDirectory({"TRADER": session()}, SessionTemplate(config, store, limit)), stores


def test_an_unknown_peer_gets_a_session_of_its_own_up_to_the_bound():
    directory, stores = dynamic()
    assert admit(directory, logon("TRADER")).key == "TRADER"
    first = admit(directory, logon("A"))
    assert first.key == "FIX.4.4:MERIDIAN->A"
    assert first.session is directory[first.key]
    assert admit(directory, logon("B")).session is not first.session
    assert "no session for 'FIX.4.4' from 'C'" in admit(directory, logon("C")).refusal
    assert (stores, len(directory)) == (["A", "B"], 3)


def test_a_dynamic_session_is_found_again_with_its_numbers():
    directory, stores = dynamic()
    first = admit(directory, logon("A"))
    assert "already connected" in admit(directory, logon("A")).refusal
    first.session.receive_eof(START)
    assert admit(directory, logon("A")).session is first.session
    assert first.session.next_numbers[0] == 3
    assert stores == ["A"]


@pytest.mark.parametrize(
    "data",
    [
        logon("A", body="98=0|108=30|554=guess"),
        logon("A", begin="FIX.4.2"),
        logon("", body="98=0|108=30|554=p"),
    ],
)
def test_no_session_is_made_for_a_logon_that_it_would_refuse(data):
    directory, stores = dynamic(password="p")
    assert "no session" in admit(directory, data).refusal
    assert stores == []


def test_a_desk_of_the_directory_trades():
    desk = Desk()
    admit(SessionDirectory({"TRADER": desk.session}), logon())
    assert desk.hears() == ["35=A|34=1|98=0|108=30"]
    assert desk.says("35=D|34=2|11=a") == []
    assert desk.events()[-1] == "MessageReceived(D a)"


def test_a_store_that_cannot_be_made_costs_no_place():
    def store(config):
        if config.target_comp_id == "BAD":
            raise ConfigError("cannot open message log BAD")
        return MemoryMessageStore()

    config = SessionConfig("MERIDIAN", "*", False)
    directory = SessionDirectory({}, SessionTemplate(config, store, limit=1))
    for _ in range(3):
        refusal = admit(directory, logon("BAD")).refusal
        assert refusal == "Logon: no session can be made: cannot open message log BAD"
    assert admit(directory, logon("GOOD")).session is not None
