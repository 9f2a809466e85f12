"""Draws under the quotas of sampling policies, windows that close, and the dry run of a policy."""
