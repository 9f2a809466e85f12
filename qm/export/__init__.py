"""Export of raw rows: everything that reports are computed from, so that anybody can recompute them."""
