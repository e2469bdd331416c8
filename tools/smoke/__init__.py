"""``make smoke``: the contract of docs/task-api.md, checked against a running deployment over HTTP."""
