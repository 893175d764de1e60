"""The vectors of the store: a generation for each encoder, grown beside the others and marked whole at its end.

generation = store.generation(encoder.fingerprint, encoder.dimension)
for batch in ...: store.add_vectors(generation, ids, vectors)
store.finish_generation(generation)          every other one goes
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rag.errors import InvalidValue, StoreError
from rag.store.checksums import checksum
from rag.store.reader import Ids, Matrix, StoreReader
from rag.store.writer import checked_vectors


class VectorWriter(StoreReader):
    """The part of ``Store`` that writes vectors by themselves; those of a new document come with it."""

    def generation(self, fingerprint: str, dimension: int) -> int:
        """The id of the generation of this encoder, made when there is none.

        Raises:
            InvalidValue: the fingerprint is known with another dimension.
        """
        for known in self.generations():
            if known.fingerprint != fingerprint:
                continue
            if known.dimension != dimension:
                expected = f"{known.dimension}, as before"
                raise InvalidValue("dimension", dimension, expected)
            return known.id
        with self._connections.write() as db:
            # Over an empty store nothing is missing: it is whole from the first.
            db.execute(
                "INSERT INTO generations (fingerprint, dimension, whole) "
                "VALUES (?, ?, NOT EXISTS (SELECT 1 FROM passages))",
                (fingerprint, dimension),
            )
            return db.last_insert_rowid()

    def add_vectors(
        self, generation: int, ids: Sequence[int] | Ids, matrix: Matrix
    ) -> None:
        """Give passages their vectors in a generation; passages deleted meanwhile are passed over.

        Args:
            matrix: float32, shape ``(len(ids), dimension)``, finite.
        """
        dimension = self.generation_of(generation).dimension
        matrix = checked_vectors(matrix, len(ids), dimension)
        rows: list[tuple[int, bytes, int, int]] = []
        for number, vector in zip(ids, matrix, strict=True):
            passage_id = int(number)
            data = vector.tobytes()
            rows.append((generation, data, checksum((passage_id, data)), passage_id))
        with self._connections.write() as db:
            db.executemany(
                "INSERT INTO vectors (passage_id, generation_id, vector, crc32) "
                "SELECT id, ?, ?, ? FROM passages WHERE id = ?",
                rows,
            )

    def finish_generation(self, generation: int, keep: Collection[int] = ()) -> None:
        """Mark a generation whole and drop every other with its vectors. Harmless when done already.

        Args:
            keep: other generations that stay.

        Raises:
            StoreError: a passage has no vector in it.
        """
        if self.is_finished(generation, keep):
            return
        missing = next(self.missing_vectors(generation), None)
        if missing is not None:
            raise StoreError(
                f"generation {generation} lacks the vector of passage {missing[0]}"
            )
        others = self._others(generation, keep)
        with self._connections.write(truncate=bool(others)) as db:
            db.execute("UPDATE generations SET whole = 1 WHERE id = ?", (generation,))
            for other in others:
                db.execute("DELETE FROM vectors WHERE generation_id = ?", (other,))
                db.execute("DELETE FROM generations WHERE id = ?", (other,))

    def is_finished(self, generation: int, keep: Collection[int] = ()) -> bool:
        """Whether a generation is whole and there is none beside it but those to keep."""
        if not self.generation_of(generation).whole:
            return False
        return not self._others(generation, keep)

    def _others(self, generation: int, keep: Collection[int]) -> list[int]:
        """The generations that are neither this one nor to be kept."""
        stay = {generation, *keep}
        return [known.id for known in self.generations() if known.id not in stay]
