"""The verbs of devices, by what they change: custody, inventory, shipments."""
