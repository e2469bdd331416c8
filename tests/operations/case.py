"""The form in which a module of tests/operations says what is particular to its operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

ETAG: Final = "{etag}"
"""In the value of a header: the entity tag of what there is before the request, in its quotes."""


class Row(NamedTuple):
    """The row of the template's table, copied by hand, so that no route or permission changes by accident.

    Attributes:
        actions: IAM actions on the table.
        indexes: Which of its indexes they may read: ``*``, one by name, or ``none``.
    """

    method: str
    path: str
    actions: tuple[str, ...]
    indexes: str


class Step(NamedTuple):
    """A request that is made before the one that counts, by the same user, with the same ids in its path.

    Attributes:
        operation: That serves it.
        event: For :func:`tests.support.proxy_events.proxy_event`.
    """

    operation: str
    event: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Request:
    """One request, and how the contract says that it ends.

    Attributes:
        name: For a test's id, and for its row of docs/capacity.md; no other operation's request has it.
        status: Of the answer.
        event: For :func:`tests.support.proxy_events.proxy_event`; :data:`ETAG` in its headers is filled in.
        before: What makes what there is; every run is a user of its own.
        changed: Members of the item after it, in Python's types; None when the task is gone.
        code: Of the problem that is the answer.
        is_measured: Whether docs/capacity.md has a row for it; the plain requests always have one.
        grows: Whether it is meant to cost more with a longer history.
    """

    name: str
    status: int
    event: Mapping[str, Any] = field(default_factory=dict)
    before: Sequence[Step] = ()
    changed: Mapping[str, Any] | None = field(default_factory=dict)
    code: str | None = None
    is_measured: bool = False
    grows: bool = False

    def prepare(self, serve: Serve) -> dict[str, Any]:
        """Make what there is before the request.

        Args:
            serve: Makes each step.

        Returns:
            The request's event.
        """
        etag = ""
        for step in self.before:
            etag = serve(step.operation, step.event).get("ETag", etag)
        headers = {name: value.replace(ETAG, etag) for name, value in self.event.get("headers", {}).items()}
        return {**self.event, "headers": headers}


Serve = Callable[[str, Mapping[str, Any]], Mapping[str, str]]
"""Serves an operation's event, successfully, and returns the headers of the answer."""


@dataclass(frozen=True)
class Case:
    """What is particular to an operation.

    Attributes:
        row: Of the template.
        answer: What the store's method returns for :attr:`plain`'s first request, when it is a double.
        plain: Its plain forms, which succeed: made under every fault. Between them and :attr:`particular` they make
            every call of DynamoDB that the operation makes.
        particular: Forms in which a lost reply is easily answered wrongly: made under the faults that let a write pass.
        others: What else it answers that no rule for all operations brings about, and further reads.
    """

    row: Row
    answer: object
    plain: Sequence[Request]
    particular: Sequence[Request] = ()
    others: Sequence[Request] = ()

    def __post_init__(self) -> None:
        if not self.plain:
            raise ValueError("plain is empty")

    @property
    def event(self) -> Mapping[str, Any]:
        """Of the first plain request."""
        return self.plain[0].event

    @property
    def requests(self) -> Sequence[Request]:
        """All of them."""
        return (*self.plain, *self.particular, *self.others)
