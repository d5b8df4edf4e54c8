"""Work orders: from the fault found to the checked repair."""
