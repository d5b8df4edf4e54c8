"""The doors people use: pages by audience."""
