"""``PATCH /users/{user_id}/lists/{list_id}``: 200 with the changed list."""

from taskapi.http import MERGE_PATCH, Request, Response, operation, representation
from taskapi.lists.bodies import ListPatch
from taskapi.lists.list import LIST
from taskapi.lists.store import ListStore


@operation("update_list")
def handler(request: Request, lists: ListStore) -> Response:
    """Change the members that the merge patch names."""
    key = request.key(LIST)
    changes = request.json(ListPatch, MERGE_PATCH).changes()
    return representation(lists.update(key, changes, request.precondition()))
