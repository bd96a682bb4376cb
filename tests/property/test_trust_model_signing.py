import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import VerificationError
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.model_signing import read_bundle, sign_model, verify_model

KEY = PrivateKey.generate(Algorithm.ECDSA_P256)
parts = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8).filter(
    lambda part: part not in (".", "..") and not part.startswith(".git")
)
names = st.lists(parts, min_size=1, max_size=3).map("/".join)
models = st.dictionaries(names, st.binary(max_size=20), min_size=1, max_size=4)


@given(models, st.data())
@settings(max_examples=50)
def test_a_model_verifies_until_one_thing_about_it_changes(files, data):
    bundle = sign_model(files, KEY, "model")
    assert {r.name for r in verify_model(bundle, files, KEY.public).resources} == set(files)
    name = data.draw(st.sampled_from(sorted(files)))
    changed, lacking = {**files, name: files[name] + b"\0"}, {n: d for n, d in files.items() if n != name}
    for other in (changed, lacking, {**lacking, f"{name}x": files[name]}):
        if other != files:
            with pytest.raises(VerificationError):
                verify_model(bundle, other, KEY.public)


@given(st.binary(max_size=200))
def test_bytes_are_a_bundle_or_refused(data):
    with pytest.raises(VerificationError):
        read_bundle(data)
