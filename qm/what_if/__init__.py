"""What-if analysis: rescores stored evaluations, or re-evaluates a sample, without storing anything."""
