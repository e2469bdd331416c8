"""The layer that all functions of the task API share.

Imports only point down these floors (tests/infrastructure holds them to it):

3. ``http`` (requests, responses, ``@operation``) and ``tokens`` (the authorizer's side)
2. ``store``, ``pages`` (the DynamoDB side of each operation), ``idempotency``
1. ``task``, ``text``, ``due``, ``bodies``, ``completion``, ``query``, ``cursor``, ``preconditions``, ``expressions``,
   ``stamp``, ``budget``, ``exchange``, ``connection``, ``dynamodb``
0. ``errors``, ``settings``, ``observability``, ``initialisation``, ``strict_json``, ``subject``, ``clock``, ``uuid7``
"""

from taskapi import initialisation

initialisation.begin()
