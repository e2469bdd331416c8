"""``DELETE /users/{user_id}/lists/{list_id}``: 204, or 200 while tasks are left."""

from taskapi.http import Request, Response, deleted_so_far, operation
from taskapi.lists.deletion import ListDeletion
from taskapi.lists.list import LIST


@operation("delete_list")
def handler(request: Request, lists: ListDeletion) -> Response:
    """Delete a list, its open tasks into the trash."""
    trashed, is_done = lists.delete(request.key(LIST), request.precondition())
    return deleted_so_far(trashed, is_done=is_done)
