"""For student helpers: their own short queue, no private data."""
