"""Pattern matching in sentences by regular expressions, with a prefilter of required literals."""
