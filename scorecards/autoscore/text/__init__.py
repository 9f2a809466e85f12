"""Words, numbers, money and readability of plain text."""
