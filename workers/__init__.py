"""What does things later: claims, scoring, schedule."""
