"""API Gateway on this machine: from the socket to a function's event, and back."""
