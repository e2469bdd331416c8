"""CORS preflights as SAM makes them of an API's ``Cors`` property: a MOCK integration for each path, static headers.

SAM CLI answers that every path takes every method, and under the origin that asks; a REST API does neither.
"""

from __future__ import annotations

from samcli.lib.providers.provider import Api

from local.gateway.responses import GatewayAnswer


def preflights(api: Api) -> dict[str, GatewayAnswer]:
    """The answer to OPTIONS of each path; none where the API has no ``Cors``."""
    if api.cors is None:
        return {}
    methods: dict[str, set[str]] = {}
    for route in api.routes:
        methods.setdefault(str(route.path), set()).update(route.methods)
    return {
        path: GatewayAnswer(
            200,
            {
                "Content-Type": "application/json",
                "Access-Control-Allow-Origin": str(api.cors.allow_origin),
                "Access-Control-Allow-Methods": ",".join(sorted(of_path)),
                "Access-Control-Allow-Headers": str(api.cors.allow_headers),
                "Access-Control-Max-Age": str(api.cors.max_age),
            },
            "{}\n",
        )
        for path, of_path in methods.items()
    }
