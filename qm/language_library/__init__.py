"""The empathetic language library of a client: phrases and scenarios from its own best interactions."""
