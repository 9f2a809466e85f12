"""How a conversation sounds beside a client's brand voice."""
