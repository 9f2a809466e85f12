# Runs beside a client that is generated in the test.
collect_ignore = ["road.py"]
