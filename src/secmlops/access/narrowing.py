"""What two changes of the same user, role, issuer or certificate have in common: never more than either gives."""

import msgspec

from secmlops.access.changes import Certificate, Change, Grant, Issuer, Role, User


def ends(change: Change) -> bool:
    """Whether the change takes away and gives nothing: a withdrawn key, or anything that is removed."""
    return change.withdrawn if isinstance(change, Grant) else change.removed


def common_user(earlier: User, later: User) -> User:
    """User with the roles that both give, removed if either says so."""
    roles = tuple(role for role in earlier.roles if role in later.roles)
    return msgspec.structs.replace(earlier, roles=roles, removed=earlier.removed or later.removed)


def common_role(earlier: Role, later: Role) -> Role:
    """Role with the permissions that both give, removed if either says so."""
    permissions = tuple(one for one in earlier.permissions if one in later.permissions)
    return msgspec.structs.replace(earlier, permissions=permissions, removed=earlier.removed or later.removed)


def common_issuer(earlier: Issuer, later: Issuer) -> Issuer:
    """Issuer with the algorithms and rules that both name; no longer trusted where they differ in anything else."""
    algorithms = tuple(one for one in earlier.algorithms if one in later.algorithms)
    rules = tuple(rule for rule in earlier.rules if rule in later.rules)
    left = msgspec.structs.replace(earlier, algorithms=algorithms, rules=rules)
    alike = _but(later, left) == left
    return msgspec.structs.replace(left, removed=left.removed or later.removed or not alike or not algorithms)


def common_certificate(earlier: Certificate, later: Certificate) -> Certificate:
    """Certificate that stands for the same user in both, removed where either says so or they differ."""
    alike = (earlier.name, earlier.pem, earlier.expires) == (later.name, later.pem, later.expires)
    return msgspec.structs.replace(earlier, removed=earlier.removed or later.removed or not alike)


def _but(later: Issuer, left: Issuer) -> Issuer:
    """``later``, save what is compared in another way or does not matter."""
    return msgspec.structs.replace(
        later,
        at=left.at,
        ledger=left.ledger,
        version=left.version,
        removed=left.removed,
        algorithms=left.algorithms,
        rules=left.rules,
    )
