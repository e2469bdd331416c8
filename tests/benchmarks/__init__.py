"""Measurements, each run by a make target of its own; none of them is a test."""
