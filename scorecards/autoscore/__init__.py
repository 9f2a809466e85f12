"""Automatic judgement: rules with evidence, sentiment, brand voice and playbook adherence."""
