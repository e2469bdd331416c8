"""The layer that all functions share.

Imports only point down these floors (tests/infrastructure/test_floors.py):

3. ``tasks``: an entity
2. ``http``: requests, responses, ``@operation`` · ``tokens``: the authorizer's side
1. ``dynamo``: writing and reading any entity
0. everything else, which knows none of these
"""

from taskapi import initialisation

initialisation.begin()
