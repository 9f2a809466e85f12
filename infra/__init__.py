"""What runs QM: command line, supervisor, embedded servers, migrations, example data."""
