"""For couriers and the depot: pick-up, manifests, receiving, bench, checks, returns."""
