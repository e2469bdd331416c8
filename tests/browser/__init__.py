"""The example frontend in a real browser, against the local API."""
