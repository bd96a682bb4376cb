"""The errors of the whole project: one root, a branch for each thing a caller can do about it."""


class SecmlopsError(Exception):
    """Something could not be done.

    Every error carries a diagnosis for a person: ``what`` happened, ``where`` (a file and line, a column, a
    digest), and a ``hint`` that says what to do next. How an error travels (exit code, HTTP status) is for the faces.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(what)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.what}{advice}"


class InputError(SecmlopsError):
    """What the user gave cannot be used: a file, a setting, a value, a passphrase, a folder that cannot be written."""


class VerificationError(SecmlopsError):
    """Bytes, a signature, a proof or a key is not what it claims to be. Nothing of it may be used."""


class GateShutError(SecmlopsError):
    """A gate is shut: the way to the next stage is closed until its reasons are gone."""


class IsolationError(SecmlopsError):
    """The isolation that was asked for cannot be had on this machine, or the isolated work broke its limits."""
