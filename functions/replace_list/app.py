"""``PUT /users/{user_id}/lists/{list_id}``: 201 when created, 200 when replaced."""

from taskapi.http import Request, Response, operation, replaced
from taskapi.lists.bodies import WholeList
from taskapi.lists.list import LIST
from taskapi.lists.store import ListStore


@operation("replace_list")
def handler(request: Request, lists: ListStore) -> Response:
    """Create or replace the list of a client-minted id."""
    key = request.new_key(LIST)
    content = request.json(WholeList).content()
    written, was_created = lists.replace(key, content, request.precondition())
    return replaced(written, was_created, request)
