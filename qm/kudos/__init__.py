"""Kudos for exceptional empathy: found by the machine and confirmed by people, or given by hand."""
