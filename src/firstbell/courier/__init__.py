"""Requests to be visited, and the runs of the courier's vans."""
