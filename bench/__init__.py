"""Figures this project promises, measured on the machine at hand."""
