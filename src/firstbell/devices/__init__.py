"""Devices: whose they are (assignment), where they are (custody), and the shipments that carry them."""
