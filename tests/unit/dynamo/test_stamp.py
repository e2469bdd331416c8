"""What a write leaves on a task, by which it is known again."""

from __future__ import annotations

import pytest

from taskapi.dynamo.attributes import Item
from taskapi.dynamo.stamp import Stamp

IDS = ("write_id", "write_id_1", "write_id_2", "write_id_3")


def item(*write_ids: str) -> Item:
    """An item that remembers these writes, the newest first."""
    return {name: {"S": value} for name, value in zip(IDS, write_ids, strict=False)}


def test_its_id_is_the_millisecond_in_hexadecimal_and_48_random_bits() -> None:
    one, other = Stamp.at(0x19A_9F6E_8C1B), Stamp.at(0x19A_9F6E_8C1B)
    assert one.write_id.startswith("19a9f6e8c1b")
    assert len(one.write_id) == 11 + 8  # six bytes in base64url
    assert one.write_id != other.write_id
    assert Stamp.at(1).write_id.startswith("00000000001")


@pytest.mark.parametrize("place", range(4))
def test_a_write_is_known_by_any_id_that_the_task_remembers(place: int) -> None:
    stamp = Stamp(1, "b")
    ids = ["c", "c", "c", "a"]
    ids[place] = "b"
    assert stamp.was_applied_to(item(*ids))


@pytest.mark.parametrize(
    ("ids", "may_be_forgotten"),
    [
        # All that are remembered are later
        (("e", "d", "c", "c"), True),
        # With a remembered write that is older it would be among those since
        (("e", "d", "c", "a"), False),
        (("e", "d", "c", "-"), False),
        (("e", "d", "c"), False),
        ((), False),
    ],
)
def test_one_that_is_not_among_them(ids: tuple[str, ...], may_be_forgotten: bool) -> None:
    assert not Stamp(1, "b").was_applied_to(item(*ids))
    assert Stamp(1, "b").may_be_forgotten_by(item(*ids)) is may_be_forgotten
