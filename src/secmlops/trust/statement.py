"""in-toto Statements, version 1: what is said (the predicate) about which artifacts (the subjects), as bytes to sign.

Source: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

from collections.abc import Mapping

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.trust import dsse
from secmlops.trust.canonical import canonical_json
from secmlops.trust.keys import Signer

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"


def statement(predicate_type: str, subjects: Mapping[str, Digest], predicate: Mapping[str, Json]) -> bytes:
    """Canonical JSON of a statement about ``subjects`` (digest by name), in the order of their names.

    Raises InputError when there is no subject, and for what JSON cannot say.
    """
    if not subjects:
        raise InputError("a statement about nothing", hint="name at least one subject")
    described: list[Json] = [{"name": name, "digest": {"sha256": subjects[name].hex}} for name in sorted(subjects)]
    return canonical_json(
        {"_type": STATEMENT_TYPE, "subject": described, "predicateType": predicate_type, "predicate": predicate}
    )


def attest_statement(
    predicate_type: str, subjects: Mapping[str, Digest], predicate: Mapping[str, Json], signer: Signer
) -> bytes:
    """Canonical JSON of a DSSE envelope over the statement, signed; raises InputError for what JSON cannot say."""
    return dsse.sign(PAYLOAD_TYPE, statement(predicate_type, subjects, predicate), signer).to_json()
