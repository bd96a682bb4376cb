"""How a project file asks for a smaller model."""

from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

Share: TypeAlias = Annotated[float, Meta(gt=0, lt=1)]


class Student(StrEnum):
    """Small models that learn a large one's answers."""

    LINEAR = "linear"
    SMALL_TREE = "small_tree"
    SMALL_BOOSTING = "small_boosting"


class Scheme(StrEnum):
    """Whence the range of what is rounded to 8 bits: from the training rows, or from each row itself."""

    INT8 = "int8"
    DYNAMIC = "dynamic"


class CompressSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done to the model, in this order: ``distil``, ``prune``, ``leaves``, ``quantise``."""

    distil: Annotated[Student | None, Meta(description="a small model learns the answers of the trained one")] = None
    prune: Annotated[Share | None, Meta(description="share of the trees, or rounds of boosting, that is kept")] = None
    leaves: Annotated[
        Share | None, Meta(description="share of the leaves that is kept, by cost-complexity pruning")
    ] = None
    quantise: Annotated[Scheme | None, Meta(description="products of matrices in integers of 8 bits")] = None
    compare: Annotated[bool, Meta(description="whether the ways not taken are tried too, for the comparison")] = True

    @property
    def asked(self) -> bool:
        """Whether anything is asked for."""
        return any(way is not None for way in (self.distil, self.prune, self.leaves, self.quantise))

    @property
    def reads_rows(self) -> bool:
        """Whether the result depends on the training rows in another way than the model does."""
        return any(way is not None for way in (self.distil, self.prune, self.leaves)) or self.quantise is Scheme.INT8
