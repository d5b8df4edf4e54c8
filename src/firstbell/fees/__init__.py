"""Fees: what the district asks for damage, by policy rows with dates, and the charges decided under them."""
