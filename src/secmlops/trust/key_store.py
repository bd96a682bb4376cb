"""What lies in a key folder: the root secret, the authenticated index of all keys, and their sealed secrets.

``master.key`` holds the root secret, ``index`` the list of all keys, and ``<id>.key`` each secret key, sealed and bound
to its file name and its use. The index is written last: until then a new key does not exist, and what a killed process
left behind is never read.
"""

from typing import Self

from secmlops.core.errors import InputError
from secmlops.trust.key_index import KeyIndex
from secmlops.trust.master import new_master_file, open_master_file
from secmlops.trust.private_files import PrivateFolder
from secmlops.trust.sealing import derived_key, seal, unseal

_MASTER, _INDEX = "master.key", "index"


class KeyStore:
    """An opened key folder; whoever changes it holds ``files.locked()`` meanwhile."""

    def __init__(self, files: PrivateFolder, root: bytes) -> None:
        self.files = files
        self.root = root
        self._last_index: tuple[bytes, KeyIndex] | None = None

    @classmethod
    def open(cls, files: PrivateFolder, passphrase: str | None) -> Self:
        """Open the folder's root secret.

        Raises InputError when there is none or the passphrase does not fit, VerificationError when it is damaged.
        """
        held = files.read(_MASTER)
        where = str(files.path / _MASTER)
        if held is None:
            raise InputError("there are no keys here", where=str(files.path), hint="make the keys first")
        return cls(files, open_master_file(held, passphrase, where))

    @classmethod
    def begin(cls, files: PrivateFolder, passphrase: str | None) -> Self:
        """Open the folder's root secret, after making one if there is none. Call it with the lock held."""
        if files.read(_MASTER) is None:
            files.write(_MASTER, new_master_file(passphrase))
        return cls.open(files, passphrase)

    @staticmethod
    def is_complete(files: PrivateFolder) -> bool:
        """Whether the folder has an index, which is written last of all."""
        return files.read(_INDEX) is not None

    def index(self) -> KeyIndex:
        """Return the index as it now stands in the folder.

        Raises InputError when there is none, VerificationError when somebody without the root secret changed it.
        """
        data = self.files.read(_INDEX)
        where = str(self.files.path / _INDEX)
        if data is None:
            raise InputError("there are no keys here", where=str(self.files.path), hint="make the keys first")
        if self._last_index is None or self._last_index[0] != data:
            self._last_index = (data, KeyIndex.from_bytes(data, derived_key(self.root, "index"), where))
        return self._last_index[1]

    def commit(self, index: KeyIndex) -> None:
        """Make ``index`` the folder's index, in one step."""
        self.files.write(_INDEX, index.to_bytes(derived_key(self.root, "index")))

    def keep(self, key_id: str, use: str, secret: bytes) -> None:
        """Write the secret of a key, sealed. It counts once the index names it."""
        name = self.name(key_id)
        self.files.write(name, seal(derived_key(self.root, "seal"), secret, _context(name, use)))

    def fetch(self, key_id: str, use: str) -> bytes | None:
        """Secret of a key, or None when it is not kept here; VerificationError for a changed or exchanged file."""
        name = self.name(key_id)
        sealed = self.files.read(name)
        if sealed is None:
            return None
        return unseal(derived_key(self.root, "seal"), sealed, _context(name, use), str(self.files.path / name))

    @staticmethod
    def name(key_id: str) -> str:
        """Name of the file that keeps a key's secret."""
        return f"{key_id}.key"


def _context(name: str, use: str) -> bytes:
    return "\0".join(("secmlops key v1", name, use)).encode()
