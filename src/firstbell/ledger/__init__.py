"""The heart: append-only events, who did what to what, and when we heard of it."""
