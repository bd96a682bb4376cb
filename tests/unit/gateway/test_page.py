"""The page: whole in itself, and a text from a signature stays a text."""

import json
import re
from html.parser import HTMLParser

import msgspec

from kits.questions import SIGNATURE
from secmlops.core.task import Task
from secmlops.gateway.openapi import EXCHANGES, Operation, document
from secmlops.gateway.page import PAGE_POLICY, page_of
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.serving.answer import Model

OPERATIONS = [
    Operation("GET", "/v2/health/live", None, EXCHANGES["live"]),
    Operation("POST", "/v2/models/{name}/infer", "predict", EXCHANGES["infer"]),
]


def page(signature=SIGNATURE, name="credit"):
    return page_of(json.loads(msgspec.json.encode(document(OPERATIONS, [Model(name, "3", signature)], "0.1"))))


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.ids, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name in {"href", "src"}]


def read(text):
    reader = Reader()
    reader.feed(text)
    return reader


def test_the_page_fetches_nothing_and_runs_nothing():
    found = read(page())
    assert not {"script", "link", "img", "iframe", "form"} & set(found.tags)
    assert "url(" not in page()
    assert "'none'" in PAGE_POLICY
    assert "script" not in PAGE_POLICY


def test_every_link_leads_to_a_place_on_the_page():
    found = read(page())
    assert len(found.ids) == len(set(found.ids))
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)


def test_routes_permissions_features_and_problems_are_told():
    text = page()
    for told in ("/v2/models/credit/infer", "predict", "Open to everyone", "income", "purpose", "422"):
        assert told in text


def test_a_name_that_looks_like_html_is_shown_as_it_is():
    nasty = "<script>alert(1)</script>"
    signature = Signature(task=Task.REGRESSION, features=(Feature(name=nasty, kind=FeatureKind.NUMERIC),))
    text = page(signature, "<img src=x>")
    assert "script" not in read(text).tags
    assert "img" not in read(text).tags
    assert re.search("&lt;script&gt;", text)
