"""All recognisers of personal data, in the order in which they are asked."""

from secmlops.data.recognise.address import ADDRESS, POSTCODE, TOWN
from secmlops.data.recognise.birth import BIRTH_DATE, BIRTH_YEAR
from secmlops.data.recognise.contact import EMAIL, IP_ADDRESS, MAC_ADDRESS, PHONE
from secmlops.data.recognise.document import DOCUMENT, PLATE
from secmlops.data.recognise.location import LOCATION
from secmlops.data.recognise.money import CARD, IBAN
from secmlops.data.recognise.names import EAST_ASIAN_NAME, MENTION, NAME
from secmlops.data.recognise.national_id import NATIONAL_IDS
from secmlops.data.recognise.recogniser import Recogniser

RECOGNISERS: tuple[Recogniser, ...] = (
    EMAIL, IBAN, CARD, *NATIONAL_IDS, DOCUMENT, PHONE, IP_ADDRESS, MAC_ADDRESS, PLATE, LOCATION, BIRTH_DATE, BIRTH_YEAR,
    NAME, EAST_ASIAN_NAME, MENTION, ADDRESS, POSTCODE, TOWN,
)  # fmt: skip
