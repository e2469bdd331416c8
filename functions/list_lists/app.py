"""``GET /users/{user_id}/lists``: 200 with all lists."""

from taskapi.http import Request, Response, all_of, operation
from taskapi.lists.index import ListIndex


@operation("list_lists")
def handler(request: Request, lists: ListIndex) -> Response:
    """List the user's lists by position."""
    return all_of(lists.all(request.owner))
