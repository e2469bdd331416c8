"""Holds the running API against docs/openapi.yaml."""
