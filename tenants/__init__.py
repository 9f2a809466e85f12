"""Tenants, clients, users and credentials: authentication, authorization, row-level security, audit."""
