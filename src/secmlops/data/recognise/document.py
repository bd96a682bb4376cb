"""Recognises numbers of documents, insurances and vehicles that have no check digit: their header must name them."""

from secmlops.data.recognise.header import numbered
from secmlops.data.recognise.recogniser import NEVER, Kind, Recogniser

_NO_NUMBER = frozenset(
    {"class", "country", "date", "expires", "expiry", "from", "issued", "state", "status", "thickness", "type", "until"}
)

DOCUMENT = Recogniser(
    Kind.NATIONAL_ID,
    whole=r"^\s*[A-Za-z]{0,3}[ -]?\d[0-9A-Za-z ./-]{4,22}\s*$",
    headers=(
        "ssn", "social security", "social security number", "social security no", "sin number", "itin", "passport",
        "passport number", "passport no", "passeport", "pasaporte", "driving licence", "driver license",
        "drivers license", "driver licence", "identity card number", "medicare number", "medical record number", "mrn",
        *numbered(
            "pass", "reisepass", "personalausweis", "ausweis", "führerschein", "fuehrerschein", "steuer",
            "steuer identifikations", "steueridentifikations", "krankenversicherungs", "krankenversicherten",
            "versicherten", "versicherungs", "sozialversicherungs", "rentenversicherungs", "krankenkassen", "sv",
         ),
        "steuer id", "steuerid", "kvnr", "svnr", "rvnr",
    ),
    excluded=_NO_NUMBER | {"bool", "fail", "rate"},
    bare_share=NEVER,
    suggestion="pseudonymise",
)  # fmt: skip

PLATE = Recogniser(
    Kind.PLATE,
    whole=r"^\s*[A-Za-zÄÖÜäöü0-9]{1,4}(?:[ ·-]?[A-Za-z0-9]{1,4}){1,3}\s*$",
    headers=(
        "plate", "number plate", "license plate", "licence plate", "plate number", "vehicle registration",
        "registration plate", "kfz kennzeichen", "kfzkennzeichen", "autokennzeichen", "kennzeichen", "immatriculation",
        "matricula", "kenteken", "targa",
    ),
    excluded=_NO_NUMBER | {"well", "material", "colour", "color", "id"},
    bare_share=NEVER,
    suggestion="pseudonymise",
)  # fmt: skip
