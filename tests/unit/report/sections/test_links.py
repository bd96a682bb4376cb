from collections.abc import Callable
from dataclasses import replace
from xml.etree.ElementTree import fromstring

from secmlops.core.finding import Finding, Severity
from secmlops.release.verify import Check
from secmlops.report.charts.chain import chain
from secmlops.report.decision import decide
from secmlops.report.material import ReportMaterial
from secmlops.report.sections.links import chain_links


def words(material: ReportMaterial) -> list[str]:
    return [link.mark.word for link in chain_links(material, decide(material))]


def test_an_open_chain(released: ReportMaterial) -> None:
    assert words(released) == ["open", "open", "open", "open", "open", "signed"]


def test_a_failed_control_shuts_the_links_that_rest_on_it(saying: Callable[..., ReportMaterial]) -> None:
    found = saying("data.personal", {}, Finding("p", Severity.ERROR, "m"))
    assert words(found) == ["open", "shut", "shut", "open", "shut", "signed"]


def test_what_is_not_there_is_not_open(released: ReportMaterial) -> None:
    early = replace(released, subjects={"project": released.subjects["project"]}, release=None, checks=())
    assert words(early)[1:5] == ["not there yet"] * 4


def test_a_release_that_cannot_be_read_is_unverified(released: ReportMaterial) -> None:
    assert words(replace(released, release=None, checks=(Check("release", False, "cut"),)))[4] == "unverified"


def test_the_chain_is_drawn_both_ways_with_every_link(released: ReportMaterial) -> None:
    links = chain_links(released, decide(released))
    wide, tall = fromstring(chain(links)), fromstring(chain(links, down=True))
    for tree in (wide, tall):
        assert len(tree.findall("rect")) == 6
        assert len(tree.findall("polygon")) == 5
    assert [e.text for e in wide.findall("text")] == [e.text for e in tall.findall("text")]
    sizes = [[float(n) for n in tree.attrib["viewBox"].split()] for tree in (wide, tall)]
    assert sizes[0][2] > sizes[0][3]
    assert sizes[1][2] < sizes[1][3]
    assert wide[0].attrib["id"] != tall[0].attrib["id"]
