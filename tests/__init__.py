"""The tests of the task API."""
