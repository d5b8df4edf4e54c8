"""Stand-in devices: the pool of each school and what is lent from it."""
