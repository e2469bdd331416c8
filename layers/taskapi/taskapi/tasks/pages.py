"""Pages of a user's tasks. A separate store, so that the operations on one task don't load the reading of pages."""

from __future__ import annotations

from taskapi.dynamo.paging import Page, read_page
from taskapi.dynamo.table import Table
from taskapi.tasks.query import ListQuery
from taskapi.tasks.task import TASK


class TaskPages:
    """The lists of all users' tasks; raises :class:`~taskapi.errors.StoreError` when DynamoDB does not serve them."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, owner: str, query: ListQuery) -> Page:
        """One page; raises InvalidCursor where the query's cursor is not one of this query."""
        return read_page(self._table, TASK, owner, query)
