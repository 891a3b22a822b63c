"""Every SQL statement of the engine, for SQLite and PostgreSQL alike."""
