"""What a write leaves on a task, by which it is known again."""

from __future__ import annotations

import pytest

from taskapi.errors import StoreUnavailable
from taskapi.stamp import Stamp
from taskapi.task import Item

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
    assert stamp.was_applied_to(item(*ids), was_resent=False)
    assert stamp.was_applied_to(item(*ids), was_resent=True)


@pytest.mark.parametrize(
    ("ids", "was_resent"),
    [
        # Sent once, it was refused, whatever others wrote
        (("e", "d", "c", "c"), False),
        # Sent again, with a remembered write that is older: it would be among those since
        (("e", "d", "c", "a"), True),
        (("e", "d", "c", "-"), True),
        (("e", "d", "c"), True),
        ((), True),
    ],
)
def test_one_that_is_not_among_them_was_not_applied(ids: tuple[str, ...], was_resent: bool) -> None:
    assert not Stamp(1, "b").was_applied_to(item(*ids), was_resent=was_resent)


def test_nobody_can_tell_of_one_that_was_sent_again_and_is_older_than_all_of_them() -> None:
    with pytest.raises(StoreUnavailable) as raised:
        Stamp(1, "b").was_applied_to(item("e", "d", "c", "c"), was_resent=True)
    assert raised.value.detail == "The store did not answer in time, and others have changed the task since."
