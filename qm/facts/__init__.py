"""Facts of scored interactions and their daily rollups, which reports read."""
