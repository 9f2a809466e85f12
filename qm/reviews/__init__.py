"""The review queue: who judges which interaction, and what they said."""
