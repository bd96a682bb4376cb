"""Recognises positions on the earth that are exact enough to name a house: two coordinates in one cell or in two."""

import re

import numpy as np
import pyarrow as pa

from secmlops.data.recognise.header import header_words, names_one_of
from secmlops.data.recognise.heads import Heads
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.recogniser import Recogniser
from secmlops.data.values import numbers

_LATITUDES = ("lat", "latitude", "breitengrad")
_LONGITUDES = ("lon", "lng", "long", "longitude", "längengrad", "laengengrad")
_SAMPLE_ROWS = 2_000
_MOSTLY = 0.5
_HOUSE_STEPS_PER_DEGREE = 1_000
_POSITION = r"-?\d{1,2}\.\d{4,12}[,; ]{1,2}-?\d{1,3}\.\d{4,12}"
_DEGREES = r"\d{1,2}\.\d{3,12} ?°? ?[NS][,; ]{1,2}\d{1,3}\.\d{3,12} ?°? ?[EW]"
_ANGLE = r" ?° ?\d{1,2} ?['\u2032]{1,2} ?(?:\d{1,2}(?:\.\d{1,6})? ?\\?[\"\u2033] ?)?"
_MINUTES = rf"\d{{1,2}}{_ANGLE}[NS][,; ]{{1,2}}\d{{1,3}}{_ANGLE}[EW]"
_NAMED = (
    r"(?i:lat|latitude)[\"' ]{0,2}[:= ]{1,2}[\"']?-?\d{1,2}\.\d{3,12}[\"']?(?:[,;&| ]{1,3}|&amp;)"
    r"[\"']?(?i:lon|lng|long|longitude)[\"' ]{0,2}[:= ]{1,2}[\"']?-?\d{1,3}\.\d{3,12}"
)
_PLAIN = re.compile(_POSITION)


def is_position(text: str) -> bool:
    """Whether ``text`` is a latitude within 90 and a longitude within 180 degrees."""
    if "°" in text or not _PLAIN.fullmatch(text.strip(" ()")):
        return True
    latitude, longitude = text.strip(" ()").replace(",", " ").replace(";", " ").split()
    return abs(float(latitude)) <= 90 and abs(float(longitude)) <= 180


LOCATION = Recogniser(
    Kind.LOCATION,
    whole=rf"^\s*\(?{_POSITION}\)?\s*$",
    check=is_position,
    inside=rf"{_POSITION}|{_DEGREES}|{_MINUTES}|{_NAMED}",
    heads=Heads(digits=(1, 2), capitals=(3, 8), smalls=(3, 8), signs="-"),
    words=("lat", "lon", "lng", "latitude", "longitude", "gps", "coordinates", "coords", "geo", "position", "location"),
    alone=0.8,
    scheme="a latitude and a longitude",
    suggestion="generalise",
)


def coordinate_columns(table: pa.Table) -> frozenset[str]:
    """Columns of numbers that are the latitudes and longitudes of one table, given to more than three decimals.

    One of them alone names no place, and coarser ones fit many houses: a thousandth of a degree is about 100 m.
    """
    found = {name: header_words(name) for name in table.column_names if pa.types.is_floating(table[name].type)}
    latitudes = {n for n, words in found.items() if names_one_of(words, _LATITUDES) and _exact(table, n, 90)}
    longitudes = {n for n, words in found.items() if names_one_of(words, _LONGITUDES) and _exact(table, n, 180)}
    return frozenset(latitudes | longitudes) if latitudes and longitudes else frozenset()


def _exact(table: pa.Table, name: str, most: int) -> bool:
    values = numbers(table[name].drop_null().slice(0, _SAMPLE_ROWS))
    if not len(values) or not bool(np.all(np.abs(values) <= most)):
        return False
    steps = values * _HOUSE_STEPS_PER_DEGREE
    return float(np.mean(np.abs(steps - np.round(steps)) > 1e-6)) >= _MOSTLY
