"""Generates docs/openapi.yaml, the OpenAPI 3.1 document of the API: ``python -m local.openapi``.

What the code knows is read from the code: routes and the gateway's own answers from template.yaml, what an operation
reads and answers from its handler, members, limits and defaults from the models, problems from the error table, headers
and examples from the very functions that make responses. What only prose can say stands here, next to its thing.
"""
