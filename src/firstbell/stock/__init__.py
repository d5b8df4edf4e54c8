"""Counted things: how many lie where, and every change of it. Accessories and spare parts are counted alike."""
