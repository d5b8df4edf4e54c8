"""Planning: figures in, figures out. Pure Python; every formula names where it comes from."""
