"""For district and school leadership: the headline measure, the plan, coverage."""
