"""The commands of `qm`, by what they are about."""
