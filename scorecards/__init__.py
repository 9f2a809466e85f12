"""What good means for a client: definitions, arithmetic, automatic judgement."""
