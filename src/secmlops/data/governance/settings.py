"""What a project file says of its data: for what they may be used, on which basis, whose they are, how long they stay.

The terms are those of the GDPR, article 6(1) for the basis and article 30(1) for what is to be on record.
"""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

Words = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^\S.*$|^\S$")]


class LegalBasis(StrEnum):
    """Why the data may be processed at all (GDPR, article 6(1), a to f), or that they are of no person."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"
    NOT_PERSONAL = "not_personal"


class Sensitivity(StrEnum):
    """How much harm their disclosure would do, from none to grave."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


class Meanwhile(StrEnum):
    """What becomes of a release that learnt from an erased person while no gate opens for a model without them."""

    KEEP_RELEASE = "keep_release"
    REVOKE_RELEASE = "revoke_release"


class Consent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where consent is on record, and which rows nobody learns from because it is not, or no more, given."""

    reference: Annotated[
        Words | None, Meta(description="where the consent is on record, for example a form's number")
    ] = None
    column: Annotated[str | None, Meta(description="the column that says yes where consent is given")] = None
    withdrawn: Annotated[str | None, Meta(description="text file of subjects who withdrew it, one in each line")] = None


class GovernanceRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be done with the data, and who answers for them."""

    purpose: Annotated[tuple[Words, ...], Meta(min_length=1, description="all that the data may be used for")]
    legal_basis: Annotated[LegalBasis, Meta(description="why they may be processed (GDPR, article 6(1))")]
    source: Annotated[Words, Meta(description="where they come from: a system or an organisation")]
    owner: Annotated[Words, Meta(description="who answers for them: a role or a team")]
    retention: Annotated[str, Meta(description="how long they may be kept, for example 730 d")]
    sensitivity: Annotated[Sensitivity, Meta(description="how much harm their disclosure would do")]
    consent: Annotated[Consent | None, Meta(description="where consent is on record, and how it is withdrawn")] = None
    erasure: Annotated[
        Meanwhile, Meta(description="what becomes of a release that learnt from a person who is being erased")
    ] = Meanwhile.KEEP_RELEASE
