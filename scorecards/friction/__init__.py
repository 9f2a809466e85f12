"""What customers keep coming back with: themes found in their words, and agents' apologies (pure)."""
