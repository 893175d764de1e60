"""The only truth: sources, documents, passages, vectors and the log of changes, in one SQLite database.

store.py is the door; reader.py and writer.py do what it asks, schema.py draws the tables, rows.py turns records
into rows. Beside them what else is kept there (feedback, answers that were given, places of files) and what
guards it (checksums, deep_check, scrubbing).
"""
