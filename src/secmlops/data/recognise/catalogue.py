"""All recognisers of personal data, in the order in which they are asked."""

from secmlops.data.recognise.address import ADDRESS, POSTCODE
from secmlops.data.recognise.birth import BIRTH_DATE
from secmlops.data.recognise.contact import EMAIL, IP_ADDRESS, PHONE
from secmlops.data.recognise.money import CARD, IBAN
from secmlops.data.recognise.names import MENTION, NAME
from secmlops.data.recognise.national_id import NATIONAL_IDS
from secmlops.data.recognise.recogniser import Recogniser

RECOGNISERS: tuple[Recogniser, ...] = (
    EMAIL, IBAN, CARD, *NATIONAL_IDS, PHONE, IP_ADDRESS, BIRTH_DATE, NAME, MENTION, ADDRESS, POSTCODE,
)  # fmt: skip
