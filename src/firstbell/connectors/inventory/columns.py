"""Which header means which field: Snipe-IT, GAM (Google), Incident IQ, Homebox, Shelf and plain lists.

Headers are compared without case, blanks and signs. Where a list has two columns for one field, the name that stands
first here wins.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from firstbell.connectors.inventory.shapes import shape_of
from firstbell.connectors.problems import Broken

_NAMES = {
    "tag": "assettag annotatedassetid tag asset assetid assetnumber assetno inventorynumber propertytag districttag "
    "barcode barcodecode128 hbassetid",
    "serial": "serialnumber serial serialno sn hbserialnumber servicetag deviceserialnumber deviceserial",
    "manufacturer": "manufacturer make brand maker oem",
    "model": "modelname model devicemodel product productname",
    "model_number": "modelnumber modelno partnumber machinetype mtm",
    "site": "site school building campus location locationname sitename schoolname homelocation hblocation",
    "place": "place room roomnumber roomname annotatedlocation sublocation cart cartname shelf storage",
    "owner_number": "ownernumber ownerid studentnumber studentid schoolidnumber ownerschoolidnumber staffid employeeid "
    "personid assignedtoid",
    "owner_email": "owneremail annotateduser checkedouttoemail assignedemail assignedtoemail studentemail useremail "
    "email",
    "owner_username": "ownerusername checkedouttousername assignedusername username login",
    "owner": "owner assignedto assigneduser issuedto checkedoutto holder user student",
    "status": "status assetstatus devicestatus statuslabel",
    "purchased_on": "purchasedate purchaseddate datepurchased dateofpurchase purchasedon acquisitiondate acquired",
    "purchase_price_cents": "purchaseprice purchasecost unitprice unitcost cost price hbpurchaseprice",
    "funding_source": "fundingsource funding fund fundname grant",
    "po_number": "ponumber purchaseorder purchaseordernumber po ordernumber",
    "warranty_until": "warrantyuntil warrantyexpirationdate warrantyexpiration warrantyexpires warrantyenddate "
    "warrantyend hbwarrantyexpires",
    "warranty_months": "warrantymonths warranty",
    "condition": "condition assetcondition devicecondition",
    "imei": "imei imeinumber",
    "iccid": "iccid simnumber simcard sim simiccid simserial",
    "mdn": "mdn msisdn wirelessnumber mobilenumber linenumber",
    "eid": "eid esimeid",
    "carrier": "carrier wirelesscarrier networkprovider",
    "notes": "notes note assetnotes modelnotes comments comment description remarks hbnotes hbdescription",
}

ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {field: tuple(names.split()) for field, names in _NAMES.items()}
)
"""Field, then the headers that mean it, lower case, letters and digits only."""

IDENTITY = frozenset({"tag", "serial"})


def plain(header: str) -> str:
    """Return a header as it is compared; Shelf's ``cf:purchase date, type:date`` becomes ``purchasedate``."""
    text = unicodedata.normalize("NFKC", header).casefold().removeprefix("cf:").partition(", type:")[0]
    return "".join(letter for letter in text if letter.isalnum())


def match_aliases(headers: Sequence[str]) -> dict[str, int]:
    """Return field -> place for what these headers are known to mean."""
    places: dict[str, int] = {}
    for place, header in enumerate(headers):
        places.setdefault(plain(header), place)
    shape = shape_of(list(places))
    if shape is None:
        return _by_alias(places)
    known = {field: places[name] for field, name in shape.fields.items() if name in places}
    spoken_for = {*shape.left_out, *shape.fields.values()}
    rest = _by_alias({name: place for name, place in places.items() if name not in spoken_for})
    return {field: place for field, place in rest.items() if field not in known} | known


def _by_alias(places: Mapping[str, int]) -> dict[str, int]:
    found = {field: next((places[name] for name in names if name in places), -1) for field, names in ALIASES.items()}
    return {field: place for field, place in found.items() if place >= 0}


def product(headers: Sequence[str]) -> str:
    """Return the product that writes such lists, or ""."""
    shape = shape_of([plain(header) for header in headers])
    return shape.name if shape else ""


def match_given(headers: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    """Return field -> place by the caller's mapping of fields to headers; headers not found are left out."""
    places: dict[str, int] = {}
    for place, header in enumerate(headers):
        places.setdefault(plain(header), place)
    return {field: places[plain(header)] for field, header in given.items() if plain(header) in places}


def check_once(headers: Sequence[str], places: Mapping[str, int], row: int) -> None:
    """Raise Broken when a column that is used is there twice: nobody can tell which one counts."""
    times = Counter(plain(header) for header in headers)
    for field, place in places.items():
        if times[plain(headers[place])] > 1:
            raise Broken("header.twice", row, field)
