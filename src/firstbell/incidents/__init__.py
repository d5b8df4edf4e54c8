"""Incidents: what happened to a device, when, and who had it then. Facts, never guilt."""
