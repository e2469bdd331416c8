"""The list that tasks are in: what it is, what clients may send of it, and its operations."""
