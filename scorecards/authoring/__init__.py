"""Authoring of definitions: YAML parsing, schemas, validation, bundles, versions, tables, routes."""
