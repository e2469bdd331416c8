"""Sending requests over the functions' own connection, on the loopback interface."""
