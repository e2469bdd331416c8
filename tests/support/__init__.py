"""What the test suites share: builders of events, tokens, keys and items, fixed clocks, and recording fakes.

Each module is named by what it holds; none of them opens a socket.
"""
