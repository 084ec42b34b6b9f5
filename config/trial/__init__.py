"""A trial on one machine: embedded PostgreSQL and Valkey, and the supervisor behind `make run`."""
