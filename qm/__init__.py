"""The road from a pushed interaction to a report: intake, reviews, reports, contract."""
