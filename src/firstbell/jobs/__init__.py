"""Background work: what follows from events, what the clock demands, and the operator's commands."""
