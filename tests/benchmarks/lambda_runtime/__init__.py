"""``make bench``: what a request and a start cost in Lambda's Python runtime, beside peers that do the same."""
