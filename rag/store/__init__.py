"""The only truth: sources, documents, passages, vectors and the log of changes, in one SQLite database.

store.py         ``Store``: the folder opened, documents in and out; READ FIRST
  vectors.py     the vectors of another encoder, made after their passages
  reader.py      what anyone may read: sources, documents, the list of them
  index_reader.py, queries.py   what the indexes read of it; the queries below both
writer.py        what a write does, row by row, in its transaction
rows.py          a record as a row, and back; records.py: what is handed to the indexes
schema.py        the tables; connections.py: one writer, one reader a thread
places.py        where each source was taken in from
feedback.py, given_answers.py   what people said of answers; answers that can be read again
checksums.py, scrubbing.py   damage is named; what was deleted leaves no bytes
documents.py     the part of ``Library`` that only reads the store
"""
