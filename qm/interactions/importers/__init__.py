"""Importers of other formats, one module or package each."""
