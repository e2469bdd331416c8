"""``make smoke``: the contract of docs/task-api.md, checked against a running deployment over HTTP.

A check is a test function: its name and its docstring are the row that ``make smoke`` prints of it. It fails by
:mod:`tests.smoke.expectations`, and what it makes by its :class:`~tests.smoke.run.Run` is deleted at the end.
"""
