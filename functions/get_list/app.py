"""``GET /users/{user_id}/lists/{list_id}``: 200 with the list, or 304."""

from taskapi.http import Request, Response, operation, revalidated
from taskapi.lists.list import LIST
from taskapi.lists.store import ListStore


@operation("get_list")
def handler(request: Request, lists: ListStore) -> Response:
    """Read a list."""
    known = request.known_etags()
    return revalidated(lists.get(request.key(LIST)), known)
