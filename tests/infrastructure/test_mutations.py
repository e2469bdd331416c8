"""A template without one of its permissions, alarm metrics, guarded routes or gateway responses does not pass."""

from __future__ import annotations

import pytest

from tests.infrastructure.mutations import mutations, noticed


def test_all_that_must_not_be_missing_is_deleted_once() -> None:
    found = [description for description, _ in mutations()]

    assert len(found) == len(set(found))
    for what, least in (("gateway response", 18), ("metric ", 40), ("alarm ", 20), ("route of", 7), ("dynamodb:", 20)):
        assert sum(what in description for description in found) >= least, what


@pytest.mark.slow
def test_each_deletion_makes_a_test_fail() -> None:
    assert [description for description, names in noticed() if not names] == []
