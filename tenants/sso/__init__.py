"""Single sign-on: a tenant's OpenID Connect provider, and whom of its people it lets in."""
