"""Runs the API of template.yaml on this machine, without Docker and without an AWS account.

``python -m local.run`` serves it, ``local.token`` mints development tokens, ``local.invoke`` runs one function in AWS's
runtime interface emulator and ``local.events`` writes the events that it is given.
"""
