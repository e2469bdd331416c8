"""``POST /users/{user_id}/lists``: 201 with the new list."""

from taskapi.http import Request, Response, created, operation
from taskapi.lists.bodies import WholeList
from taskapi.lists.store import ListStore


@operation("create_list")
def handler(request: Request, lists: ListStore) -> Response:
    """Create a list under a new id, once for each Idempotency-Key."""
    content = request.json(WholeList).content()
    made, was_replayed = lists.create_once(request.owner, content, request.idempotency_key())
    return created(made, request, was_replayed=was_replayed)
