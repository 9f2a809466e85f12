"""Finds interactions and shows each one whole, as far as its reader may see."""
