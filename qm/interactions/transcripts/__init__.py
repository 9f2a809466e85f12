"""Reads transcripts: who said what and when, in the forms of subtitles, notes and recognisers (pure)."""
