"""The lists that known products write, told by their headers. One table per product; more are added here, as data.

The names are those that the products' own documentation and sample files show; a version or language that names them
differently is read by the aliases of ``columns``, and what is wrong then is corrected by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """One product's list. ``marks`` are headers that only this product has, all of them; ``fields`` overrule aliases.

    Headers are written lower case, letters and digits only. ``left_out`` mean something else than their name says.
    """

    name: str
    marks: frozenset[str]
    fields: Mapping[str, str]
    left_out: frozenset[str] = frozenset()


def _shape(name: str, marks: str, fields: str, left_out: str = "") -> Shape:
    pairs = (word.partition("=")[::2] for word in fields.split())
    return Shape(name, frozenset(marks.split()), dict(pairs), frozenset(left_out.split()))


SHAPES: tuple[Shape, ...] = (
    _shape(
        "Firstbell",
        "assettag serialnumber manufacturer model loanerpool school",
        "tag=assettag serial=serialnumber site=school place=place po_number=ordernumber iccid=simnumber "
        "mdn=mobilenumber",
    ),
    _shape(
        "Firstbell",
        "etiquetadeinventario númerodeserie fabricante modelo reservadepréstamo escuela",
        "tag=etiquetadeinventario serial=númerodeserie manufacturer=fabricante model=modelo status=estado site=escuela "
        "place=lugar purchased_on=fechadecompra purchase_price_cents=preciodecompra "
        "funding_source=fuentedefinanciamiento po_number=númerodeorden warranty_until=garantíahasta "
        "imei=imei iccid=númerosim eid=eid mdn=númeromóvil carrier=compañía",
    ),
    _shape(
        "Snipe-IT",
        "assettag checkouttype",
        "tag=assettag serial=serial model=model model_number=modelnumber manufacturer=manufacturer site=location "
        "po_number=ordernumber purchased_on=purchasedate purchase_price_cents=purchasecost "
        "owner_username=checkedouttousername owner_email=checkedouttoemail notes=assetnotes status=status "
        "warranty_months=warranty",
        "name company category assetname checkedouttolocation checkedouttofirstname checkedouttolastname email",
    ),
    _shape(
        "Incident IQ",
        "assettag serialnumber owner location room",
        "tag=assettag serial=serialnumber model=model owner=owner site=location place=room status=status "
        "purchased_on=purchaseddate purchase_price_cents=purchaseprice funding_source=fundingsource "
        "po_number=ponumber warranty_until=warrantyexpirationdate",
    ),
    _shape(
        "Google (GAM)",
        "deviceid serialnumber annotatedassetid",
        "tag=annotatedassetid serial=serialnumber model=model place=annotatedlocation owner_email=annotateduser "
        "status=status notes=notes",
        "orgunitpath deviceid",
    ),
    _shape(
        "Google Admin",
        "serialnumber assetid enrollmenttime",
        "tag=assetid serial=serialnumber model=model place=location owner_email=user status=status notes=notes",
        "orgunitpath organizationalunit mostrecentuser",
    ),
    _shape(
        "Apple School Manager",
        "serialnumber ordernumber assignedserver",
        "serial=serialnumber model=device model_number=partnumber po_number=ordernumber imei=imei eid=eid",
        "status source mdmserver dateadded dateassigned",
    ),
    _shape(
        "Jamf Pro",
        "serialnumber jamfproid",
        "serial=serialnumber tag=assettag model=model site=building place=room owner_username=username "
        "owner_email=emailaddress po_number=ponumber purchased_on=podate purchase_price_cents=purchaseprice "
        "warranty_until=warrantyexpiration imei=imei iccid=iccid eid=eid mdn=phonenumber",
        "site department position realname fullname",
    ),
    _shape(
        "Jamf School",
        "serialnumber udid devicegroups",
        "serial=serialnumber tag=assettag model=modelname owner_username=username owner_email=useremail "
        "site=location notes=notes",
        "name owner devicename",
    ),
    _shape(
        "Mosyle",
        "serialnumber deviceudid assettag",
        "serial=serialnumber tag=assettag model=devicemodelname owner=userid site=location imei=imei iccid=iccid",
        "username status devicename",
    ),
    _shape(
        "Intune",
        "serialnumber managedby compliance",
        "serial=serialnumber manufacturer=manufacturer model=model owner_email=primaryuserupn imei=imei "
        "mdn=phonenumber carrier=subscribercarrier eid=esimeid iccid=iccid",
        "deviceid devicename status compliance ownership primaryuserdisplayname primaryuseremailaddress "
        "devicestate userprincipalname",
    ),
    _shape(
        "Destiny",
        "barcode homelocation dateacquired",
        "tag=barcode serial=serialnumber model=resourcename site=site place=homelocation status=status "
        "condition=condition funding_source=fundingsource po_number=purchaseorder "
        "purchase_price_cents=purchaseprice purchased_on=dateacquired owner_number=patronbarcode notes=notes",
        "resourcetype checkedoutto patronname description",
    ),
    _shape(
        "TIPWeb-IT",
        "tag producttype productname",
        "tag=tag serial=serial model=productname model_number=productnumber manufacturer=manufacturer site=site "
        "place=room status=status purchased_on=purchasedate purchase_price_cents=purchaseprice "
        "po_number=purchaseorder funding_source=fundingsource notes=notes",
        "producttype assignedto",
    ),
    _shape(
        "Homebox",
        "hbassetid hbname",
        "tag=hbassetid serial=hbserialnumber manufacturer=hbmanufacturer model=hbmodelnumber site=hblocation "
        "purchased_on=hbpurchasetime purchase_price_cents=hbpurchaseprice warranty_until=hbwarrantyexpires "
        "notes=hbnotes",
    ),
    _shape(
        "Ralph",
        "sn model serviceenv",
        "serial=sn tag=barcode model=model status=status site=warehouse purchased_on=invoicedate "
        "purchase_price_cents=price po_number=orderno",
        "id serviceenv hostname region",
    ),
)


def shape_of(headers: Sequence[str]) -> Shape | None:
    """Return the product whose list has these headers (in their plain form), the one with most marks first."""
    there = set(headers)
    found = [shape for shape in SHAPES if shape.marks <= there]
    return max(found, key=lambda shape: len(shape.marks), default=None)
