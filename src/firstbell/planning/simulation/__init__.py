"""A seeded event simulation of a whole district: faults and day-loans in, hours without a device and costs out."""
