"""An image with the functions' own Python, and what runs in it."""
