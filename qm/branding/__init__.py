"""How a provider's reports look: its name, logo and colours."""
