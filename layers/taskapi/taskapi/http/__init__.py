"""HTTP as the functions see it: requests, responses, and the ``@operation`` that runs a handler between them."""

from taskapi.http.operation import Operation, operation
from taskapi.http.request import MERGE_PATCH, Request
from taskapi.http.response import (
    Response,
    all_of,
    created,
    deleted,
    deleted_so_far,
    page_of,
    replaced,
    representation,
    revalidated,
)

__all__ = [
    "MERGE_PATCH",
    "Operation",
    "Request",
    "Response",
    "all_of",
    "created",
    "deleted",
    "deleted_so_far",
    "operation",
    "page_of",
    "replaced",
    "representation",
    "revalidated",
]
