"""What ``make run`` prints once it serves."""

from __future__ import annotations

import shlex
from typing import Final

from local.paths import ROOT
from local.settings import LocalSettings

_HEAD: Final = """
Task API on {url}
  page     {url}/app/
  docs     {url}/docs/
  store    {store}
  origins  {origins}
  logs     {logs}
"""
_TEXT: Final = """
Two users' tokens, for another terminal:

  API={url}
  ALICE=$(make -sC {directory} token USER=alice)
  BOB=$(make -sC {directory} token USER=bob)
  JSON='Content-Type: application/json'

Create, list, read, replace, update, toggle and delete a task:

  curl -iw '\\n' $API/users/me/tasks -H "Authorization: Bearer $ALICE" -H "$JSON" -d '{{"title": "Pay rent"}}'
  curl -sw '\\n' $API/users/me/tasks -H "Authorization: Bearer $ALICE"
  ID=$(curl -s "$API/users/me/tasks?limit=1" -H "Authorization: Bearer $ALICE" | sed 's/.*"id":"\\([^"]*\\).*/\\1/')
  curl -iw '\\n' $API/users/me/tasks/$ID -H "Authorization: Bearer $ALICE"
  curl -iw '\\n' -X PUT $API/users/me/tasks/$ID -H "Authorization: Bearer $ALICE" -H "$JSON" \\
    -d '{{"title": "Pay the rent", "due": "2026-12-01", "tags": ["home"]}}'
  curl -iw '\\n' -X PATCH $API/users/me/tasks/$ID -H "Authorization: Bearer $ALICE" -H "$JSON" -d '{{"due": null}}'
  curl -iw '\\n' -X POST $API/users/me/tasks/$ID/toggle -H "Authorization: Bearer $ALICE"
  curl -iw '\\n' -X DELETE $API/users/me/tasks/$ID -H "Authorization: Bearer $ALICE"

Bob has tasks of his own, and none of Alice's (the last one is a 403):

  curl -iw '\\n' $API/users/me/tasks -H "Authorization: Bearer $BOB" -H "$JSON" -d '{{"title": "Water the plants"}}'
  curl -sw '\\n' $API/users/me/tasks -H "Authorization: Bearer $BOB"
  curl -iw '\\n' $API/users/alice/tasks -H "Authorization: Bearer $BOB"

Ctrl-C stops it.

"""
_OWN_ISSUER: Final = """\
  issuer   {issuer}
  keys     {keys}

Tokens of this issuer are accepted, and no others: make token and /dev/token are off. With one of them:

  curl -iw '\\n' {url}/users/me/tasks -H "Authorization: Bearer $TOKEN"

Ctrl-C stops it.

"""


def welcome(url: str, settings: LocalSettings, *, table_created: bool) -> str:
    """The text for a server's URL."""
    if settings.dynamodb_endpoint is None:
        store = "in memory: the tasks are gone when the server stops"
    else:
        store = f"{settings.dynamodb_endpoint} ({'table created' if table_created else 'table found'}); the tasks stay"
    own = settings.own_issuer
    return (_HEAD + (_TEXT if own is None else _OWN_ISSUER)).format(
        url=url,
        store=store,
        origins=(settings.allowed_origins or "localhost and 127.0.0.1 on any port").replace(",", " "),
        logs="everything" if settings.show_logs else "requests and failures; LOGS=1 shows all that the functions log",
        issuer="" if own is None else own.issuer,
        keys="" if own is None else own.jwks_url or "JWT_JWKS",
        directory=shlex.quote(str(ROOT)),  # the other terminal may be in any folder
    )
