"""What the provider does about what a report shows, written down for each of its periods."""
