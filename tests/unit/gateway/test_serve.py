"""Preparing to serve: the address first, then the certificate, then the release."""

import ssl

import pytest

from secmlops.core.errors import InputError
from secmlops.gateway.serve import Address, prepare_serving
from secmlops.workspace import Workspace


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_may_be_in_clear(host):
    Address(host, 0, None).check()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "gateway.example.org"])
def test_a_network_in_clear_must_be_named(host):
    with pytest.raises(InputError, match="read the keys"):
        Address(host, 0, None).check()
    Address(host, 0, None, insecure_network=True).check()
    Address(host, 0).check()


def test_what_is_prepared_serves_with_its_own_certificate(project):
    workspace = Workspace(project)
    serving = prepare_serving(workspace, None, Address("127.0.0.1", 0))
    assert serving.certificate == project / ".secmlops" / "tls" / "certificate.pem"
    assert isinstance(serving.server.config.ssl, ssl.SSLContext)
    assert not serving.server.started


def test_in_clear_there_is_no_certificate(project):
    workspace = Workspace(project)
    serving = prepare_serving(workspace, None, Address("127.0.0.1", 0, None))
    assert (serving.certificate, serving.server.config.ssl) == (None, None)
    assert not (project / ".secmlops" / "tls").exists()


def test_an_unfit_certificate_is_told_before_the_release_is_opened(project, monkeypatch):
    workspace = Workspace(project)
    monkeypatch.setattr(workspace, "opened", lambda _: pytest.fail("opened"))
    with pytest.raises(InputError, match=r"none\.pem"):
        prepare_serving(workspace, None, Address("127.0.0.1", 0, "none.pem:none.key"))
    with pytest.raises(InputError, match="does not name"):
        prepare_serving(workspace, None, Address("127.0.0.1", 0, "none.pem"))


def test_a_network_in_clear_is_refused_here_too(project):
    workspace = Workspace(project)
    with pytest.raises(InputError):
        prepare_serving(workspace, None, Address("0.0.0.0", 0, None))


def test_the_users_own_certificate_is_used(project, tmp_path):
    workspace = Workspace(project)
    made = prepare_serving(workspace, None, Address("127.0.0.1", 0)).certificate
    pair = f"{made}:{made.with_suffix('.key')}"
    assert prepare_serving(workspace, None, Address("0.0.0.0", 0, pair)).certificate == made
