"""The deadline, and how a connection is looked for within it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any, cast

import pytest

from taskapi.exchange import Deadline, _connect
from tests.support.fixed_clocks import FixedMonotonic

TCP = (socket.AF_INET, socket.SOCK_STREAM, 6, "")


class FakeSocket:
    """Connects to what answers, after some seconds; takes its time-out to fail for what is silent.

    Attributes:
        waits: The time-outs that it and its like were given.
    """

    waits: list[float]

    def __init__(self, network: Network) -> None:
        self._network = network
        self._timeout = 0.0
        self.is_closed = False

    def settimeout(self, seconds: float) -> None:
        self._timeout = seconds
        self._network.waits.append(seconds)

    def connect(self, address: str) -> None:
        seconds = self._network.answers.get(address)
        if seconds is None or seconds > self._timeout:
            self._network.clock.advance(self._timeout)
            raise TimeoutError
        self._network.clock.advance(seconds)
        if address.startswith("refuses"):
            raise ConnectionRefusedError(address)

    def close(self) -> None:
        self.is_closed = True


class Network:
    """Addresses, and the seconds after which they answer; those that are not named never do."""

    def __init__(self, **answers: float) -> None:
        self.answers = answers
        self.clock = FixedMonotonic()
        self.waits: list[float] = []
        self.sockets: list[FakeSocket] = []

    def make(self, *_: object) -> Any:
        self.sockets.append(FakeSocket(self))
        return self.sockets[-1]

    def connect(self, *addresses: str, seconds: float = 1.0) -> Any:
        def look_up(*_: object, **__: object) -> list[tuple[Any, ...]]:
            return [(*TCP, address) for address in addresses]

        deadline = Deadline(seconds, self.clock)
        return _connect("name", 443, deadline, look_up, cast("Callable[..., socket.socket]", self.make))


class TestDeadline:
    """What is left of the time."""

    def test_it_gets_less_and_then_there_is_none(self) -> None:
        clock = FixedMonotonic()
        deadline = Deadline(2, clock)
        assert deadline.remaining() == 2
        clock.advance(1.5)
        assert deadline.remaining() == 0.5
        for _ in range(2):
            clock.advance(0.5)
            with pytest.raises(TimeoutError, match="timed out"):
                deadline.remaining()


class TestConnect:
    """A name's addresses share the time."""

    @pytest.mark.parametrize("count", [1, 2, 3, 8, 100])
    def test_however_many_are_silent_the_time_is_the_same(self, count: int) -> None:
        network = Network()
        with pytest.raises(TimeoutError):
            network.connect(*[f"silent{number}" for number in range(count)])
        assert network.clock.seconds == pytest.approx(1_001)
        assert all(each.is_closed for each in network.sockets)

    def test_one_that_is_down_leaves_time_for_the_next(self) -> None:
        network = Network(up=0.1)
        assert network.connect("silent", "up") is network.sockets[1]
        assert [each.is_closed for each in network.sockets] == [True, False]

    def test_one_alone_has_all_of_it(self) -> None:
        network = Network(far=0.9)
        assert network.connect("far")

    def test_one_of_many_has_a_third_at_least(self) -> None:
        network = Network(far=0.3)
        assert network.connect("far", *"abcdefgh")

    def test_where_all_refuse_that_is_the_reason(self) -> None:
        network = Network(refuses1=0.0, refuses2=0.0)
        with pytest.raises(ConnectionRefusedError, match="refuses2"):
            network.connect("refuses1", "refuses2")

    def test_no_address_at_all(self) -> None:
        with pytest.raises(OSError, match="no address"):
            Network().connect()


class TestLookUp:
    """The name's look-up, which has no time-out of its own."""

    def test_one_that_takes_too_long(self) -> None:
        # Given a resolver that doesn't answer, when a name is looked up, then that is over in time
        release = threading.Event()

        def look_up(*_: object, **__: object) -> list[tuple[Any, ...]]:
            release.wait(10)
            return []

        with pytest.raises(TimeoutError, match="timed out"):
            _connect("name", 443, Deadline(0.05), look_up)
        release.set()

    def test_what_is_asked_for_in_a_thread_that_nobody_waits_for_at_the_end(self) -> None:
        asked: list[object] = []

        def look_up(*names: object, **options: object) -> list[tuple[Any, ...]]:
            asked.extend([names, options, threading.current_thread().daemon])
            return []

        with pytest.raises(OSError, match=r"^no address$"):
            _connect("name", 443, Deadline(10), look_up)
        assert asked == [("name", 443), {"type": socket.SOCK_STREAM}, True]

    @pytest.mark.parametrize("error", [socket.gaierror(-2, "Name or service not known"), UnicodeError("too long")])
    def test_its_error_is_the_callers(self, error: Exception) -> None:
        def look_up(*_: object, **__: object) -> list[tuple[Any, ...]]:
            raise error

        with pytest.raises(type(error)) as raised:
            _connect("name", 443, Deadline(10), look_up)
        assert raised.value is error
