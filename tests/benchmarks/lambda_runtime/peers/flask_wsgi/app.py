"""Flask behind apig-wsgi, validating with pydantic."""

from __future__ import annotations

import task_table
from apig_wsgi import make_lambda_handler
from flask import Flask, Response, abort, request
from pydantic import ValidationError
from task_models import NewTask, task_of

app = Flask(__name__)


def owner_of(user_id: str) -> str:
    """The caller, who may only name itself in the path."""
    owner: str = request.environ["apig_wsgi.full_event"]["requestContext"]["authorizer"]["sub"]
    if user_id not in (owner, "me"):
        abort(403)
    return owner


@app.post("/users/<user_id>/tasks")
def create_task(user_id: str) -> Response:
    """Create a task."""
    try:
        new = NewTask.model_validate_json(request.get_data())
    except ValidationError as invalid:
        return Response(invalid.json(), 422, mimetype="application/json")
    task = task_of(owner_of(user_id), new)
    task_table.put(task)
    return Response(task.model_dump_json(), 201, mimetype="application/json")


@app.get("/users/<user_id>/tasks")
def list_tasks(user_id: str) -> Response:
    """List the caller's tasks."""
    page = task_table.page(owner_of(user_id), request.args.get("cursor"))
    return Response(page.model_dump_json(), mimetype="application/json")


handler = make_lambda_handler(app)
