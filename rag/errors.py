"""One error tree; each error knows its HTTP status, its type and what to tell a person.

ChuchuError                     500  internal
├── InvalidValue                422  invalid-value        a key, its value, what was expected
│   └── SettingsError           422  invalid-settings
├── SourceError                 422  unreadable-source    a file that cannot be read
│   ├── EmptySource             422  unreadable-source    there is no text in it
│   ├── UnsupportedFormat       415  unsupported-format
│   └── SourceTooLarge          413  source-too-large
├── NotFound                    404  not-found            a document, source or passage that is not there
├── StoreError                  500  store
│   ├── StoreLocked             409  store-locked         another process holds the data folder
│   ├── StoreBusy               503  store-busy           another program uses its file: try again
│   ├── StoreReadOnly           409  store-read-only      the data folder can be read and not written
│   ├── DiskFull                507  disk-full            nothing was written; deleting makes room
│   ├── Damaged                 500  damaged              a row that is not as it was written
│   └── BrokenCitation          500  broken-citation      an invariant failed: the answer is not shown
├── ModelError                  503  model
│   └── ModelUnavailable        503  model-unavailable    no such folder, no network, or remote code asked for
├── Busy                        503  busy                 queues are full: try again
├── NotReady                    503  not-ready            models and indexes are still being opened
├── Stopped                     503  stopped              who asked has left, or the service ends
├── TooManyTries                429  too-many-tries       wrong keys, again and again
├── Unauthorized                401  unauthorized
└── Forbidden                   403  forbidden            a Host or Origin that is not ours
"""

from __future__ import annotations

from typing import ClassVar


class ChuchuError(Exception):
    """Root of everything that Chuchu raises on purpose."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong inside Chuchu"


class InvalidValue(ChuchuError):
    """A value that cannot be used.

    Args:
        key: the name under which the value was given.
        value: what was given.
        expected: what would have been accepted, in words.
    """

    status = 422
    type = "invalid-value"
    title = "A value cannot be used"

    def __init__(self, key: str, value: object, expected: str) -> None:
        self.key, self.value, self.expected = key, value, expected
        super().__init__(f"{key}: got {_short(value)}, expected {expected}")


class SettingsError(InvalidValue):
    type = "invalid-settings"
    title = "A setting cannot be used"


class SourceError(ChuchuError):
    """A file that cannot be read; the message names the file and why."""

    status = 422
    type = "unreadable-source"
    title = "A file cannot be read"

    def __init__(self, name: str, why: str) -> None:
        self.name, self.why = name, why
        super().__init__(f"{name}: {why}")


class EmptySource(SourceError):
    """A file without any text; over the wire an unreadable one like others."""


class UnsupportedFormat(SourceError):
    status = 415
    type = "unsupported-format"
    title = "This kind of file is not supported"


class SourceTooLarge(SourceError):
    status = 413
    type = "source-too-large"
    title = "The file is too large"


class NotFound(ChuchuError):
    status = 404
    type = "not-found"
    title = "There is no such thing here"

    def __init__(self, what: str, key: object) -> None:
        self.what, self.key = what, key
        super().__init__(f"no {what} {_short(key)}")


class StoreError(ChuchuError):
    type = "store"
    title = "The store failed"


class StoreLocked(StoreError):
    status = 409
    type = "store-locked"
    title = "Another process holds the data folder"


class StoreBusy(StoreError):
    status = 503
    type = "store-busy"
    title = "Another program is using the store"


class StoreReadOnly(StoreError):
    status = 409
    type = "store-read-only"
    title = "The data folder cannot be written"


class DiskFull(StoreError):
    status = 507
    type = "disk-full"
    title = "The disk is full"


class Damaged(StoreError):
    """What is stored is not what was written. ``what`` and ``key`` name it: ``document``, 7."""

    type = "damaged"
    title = "Something that is stored is damaged, so it is not shown"

    def __init__(self, what: str, key: object, why: str) -> None:
        self.what, self.key, self.why = what, key, why
        super().__init__(
            f"{what} {_short(key)} is damaged: {why}; chuchu doctor --deep lists all that is"
        )


class BrokenCitation(StoreError):
    type = "broken-citation"
    title = "A citation does not match its source, so the answer is withheld"


class ModelError(ChuchuError):
    status = 503
    type = "model"
    title = "A model failed"


class ModelUnavailable(ModelError):
    type = "model-unavailable"
    title = "A model cannot be loaded"


class Busy(ChuchuError):
    status = 503
    type = "busy"
    title = "Too many requests at once"


class NotReady(ChuchuError):
    status = 503
    type = "not-ready"
    title = "Chuchu is still starting"


class Stopped(ChuchuError):
    status = 503
    type = "stopped"
    title = "The work was stopped before it was done"


class TooManyTries(ChuchuError):
    status = 429
    type = "too-many-tries"
    title = "Too many wrong API keys"

    def __init__(self, why: str, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(why)


class Unauthorized(ChuchuError):
    status = 401
    type = "unauthorized"
    title = "An API key is needed"


class Forbidden(ChuchuError):
    status = 403
    type = "forbidden"
    title = "This request may not come from there"


def _short(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
