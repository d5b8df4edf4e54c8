"""Cover: which protection pays for which faults of a device, until when, up to what; and its uses, the claims."""
