"""Machine learning: models, the trainings that produce them, and the gates that limit their automation."""
