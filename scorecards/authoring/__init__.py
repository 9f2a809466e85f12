"""From a YAML document to a published version: schemas, validation, bundles, tables, routes."""
