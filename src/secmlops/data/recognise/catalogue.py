"""All recognisers of personal data, in the order in which they are asked."""

from secmlops.data.recognise.address import ADDRESS, GERMANIC_STREET, POSTCODE, TOWN
from secmlops.data.recognise.birth import BIRTH_DATE, BIRTH_YEAR
from secmlops.data.recognise.contact import EMAIL, IP_ADDRESS, IPV6_ADDRESS, MAC_ADDRESS
from secmlops.data.recognise.document import (
    BRITISH_DRIVING_LICENCE,
    DRIVING_LICENCE,
    PASSPORT,
    PASSPORT_ZONE,
    PLATE,
)
from secmlops.data.recognise.health import HEALTH_NUMBERS
from secmlops.data.recognise.link import USER_LINK
from secmlops.data.recognise.location import LOCATION
from secmlops.data.recognise.money import CARD, CARD_WITHOUT_GROUPS, IBAN, IBAN_IN_SMALL_LETTERS
from secmlops.data.recognise.names import EAST_ASIAN_NAME, MENTION, NAME
from secmlops.data.recognise.national_id import NATIONAL_DOCUMENT
from secmlops.data.recognise.national_id_northern import NORTHERN_AND_EASTERN_EUROPE
from secmlops.data.recognise.national_id_overseas import OVERSEAS
from secmlops.data.recognise.national_id_western import WESTERN_EUROPE
from secmlops.data.recognise.phone import PHONE, PHONE_BEHIND_A_WORD
from secmlops.data.recognise.recogniser import Recogniser
from secmlops.data.recognise.secret import MARKED_SECRET, PASSWORD, PRIVATE_KEY

RECOGNISERS: tuple[Recogniser, ...] = (
    MARKED_SECRET, PRIVATE_KEY, PASSWORD, USER_LINK, EMAIL, IBAN, IBAN_IN_SMALL_LETTERS, CARD, CARD_WITHOUT_GROUPS,
    *WESTERN_EUROPE,
    *NORTHERN_AND_EASTERN_EUROPE, *OVERSEAS, NATIONAL_DOCUMENT, *HEALTH_NUMBERS, PASSPORT, PASSPORT_ZONE,
    DRIVING_LICENCE, BRITISH_DRIVING_LICENCE, PHONE, PHONE_BEHIND_A_WORD, IP_ADDRESS, IPV6_ADDRESS, MAC_ADDRESS, PLATE,
    LOCATION, BIRTH_DATE, BIRTH_YEAR, NAME, EAST_ASIAN_NAME, MENTION, ADDRESS, GERMANIC_STREET, POSTCODE, TOWN,
)  # fmt: skip
