"""Reports that are frozen: by the calendar or by hand, recomputed, shared by link, sent by mail."""
