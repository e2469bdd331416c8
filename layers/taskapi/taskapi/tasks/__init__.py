"""The task: what it is, what clients may send of it, and its operations."""
