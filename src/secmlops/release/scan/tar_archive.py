"""Reading the members of an uncompressed tar archive, header by header, with the standard library's header parser."""

import io
import tarfile

from secmlops.core.errors import VerificationError
from secmlops.release.scan.inspection import Data, Inspection
from secmlops.release.scan.members import check_names
from secmlops.release.scan.rules import ARCHIVE_LINK, ARCHIVE_METHOD, ARCHIVE_STRUCTURE
from secmlops.release.scan.verdict import Place, shown

_BLOCK = 512


def read_tar(place: Place, data: Data, inspection: Inspection) -> None:
    """Read every regular file of the archive; links and devices are findings, as are bytes after the end.

    Raises VerificationError where a header is broken.
    """
    try:
        members, end = _members(data, inspection)
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise VerificationError(f"a header of the tar archive cannot be read: {error}") from None
    check_names(place, [member.name for member in members], inspection)
    for member in members:
        told = place.at(member.offset)
        if member.isdir():
            continue
        if not member.isreg():
            inspection.flag(ARCHIVE_LINK, told, f"member {shown(member.name)!r} is a link or a device")
        elif member.issparse():
            inspection.flag(ARCHIVE_METHOD, told, f"member {shown(member.name)!r} is sparse")
        elif member.offset_data + member.size > len(data):
            inspection.flag(ARCHIVE_STRUCTURE, told, f"member {shown(member.name)!r} breaks off")
        else:
            contents = data[member.offset_data : member.offset_data + member.size]
            inspection.descend(place.inside(member.name), contents)
    if bytes(data[end:]).strip(b"\x00"):
        inspection.flag(ARCHIVE_STRUCTURE, place.at(end), "bytes follow the end of the archive")


def _members(data: Data, inspection: Inspection) -> tuple[list[tarfile.TarInfo], int]:
    members = []
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errorlevel=2) as archive:
        while (member := archive.next()) is not None:
            inspection.count_members(1)
            members.append(member)
        return members, archive.offset
