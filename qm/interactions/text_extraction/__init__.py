"""Reads the words of a message out of HTML, MIME and mail, and sets aside what nobody wrote anew (pure)."""
