"""The pages beside the API: the example frontend, the API reference, and what the terminal shows."""
