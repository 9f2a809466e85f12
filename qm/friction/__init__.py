"""What customers keep coming back with: the theme of each interaction, and daily sums by theme."""
