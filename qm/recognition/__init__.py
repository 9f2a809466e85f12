"""Recognition: badges and team goals that reward care and improvement, and rank nobody."""
