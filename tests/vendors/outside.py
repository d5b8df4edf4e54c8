"""A district with a vendor, a cover and a device that is to go out, made by the real verbs."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from firstbell.claims.actions import Wanted, cover_devices, make_cover
from firstbell.claims.models import Claim, Cover
from firstbell.devices.models import Device, Shipment
from firstbell.directory.actions import open_site
from firstbell.directory.models import Site
from firstbell.flows.outside import hand_to_vendor, send_to_vendor
from firstbell.repairs.models import WorkOrder
from firstbell.vendors.actions import note_answer
from firstbell.vendors.models import VendorCase
from tests import make
from tests.web.depot.world import World, world

BEGUN = date(2026, 8, 1)
TERMS = Wanted(
    faults=("screen", "board", "port"),
    causes=("accidental", "unknown"),
    limit_cents=100_00,
    year_cents=150_00,
    claims_a_year=2,
)


@dataclass
class Outside:
    """The district, its vendor, and what goes there."""

    w: World
    vendor: Site

    def act(self, **later: int) -> dict[str, Any]:
        """Return the keywords of a verb by the technician a while later."""
        return {"by": self.w.by, "at": self.w.later(**(later or {"minutes": 1})), "op": make.op()}

    def office(self) -> dict[str, Any]:
        """Return the keywords of a verb by the district's IT leadership."""
        return {"by": self.w.town.office, "at": self.w.later(minutes=1), "op": make.op()}

    def says(self, **answers: str) -> None:
        """Let the vendor answer some of our questions."""
        for key, value in answers.items():
            note_answer(vendor_id=self.vendor.pk, key=key, value=value, **self.office())

    def case(self, order: WorkOrder, **more: Any) -> VendorCase:
        """Hand a repair to the vendor."""
        wanted: dict[str, Any] = {"vendor_id": self.vendor.pk, "fault": "board"} | more
        return hand_to_vendor(work_order_id=order.pk, **(self.act() | wanted))

    def sent(self, number: str = "") -> VendorCase:
        """Send a device from the depot's bench to the vendor."""
        case = self.case(self.w.on_bench()[0], number=number)
        send_to_vendor(case_ids=[case.pk], number="1Z42", **self.act())
        return fresh(case)

    @staticmethod
    def terms(**change: Any) -> Wanted:
        """Return the usual terms with something changed."""
        return replace(TERMS, **change)

    def cover(self, terms: Wanted = TERMS, **more: Any) -> Cover:
        """Enter a cover that is claimed from the vendor."""
        named: dict[str, Any] = {"kind": Cover.Kind.PLAN, "name": f"Care {self.vendor.pk}", "vendor_id": self.vendor.pk}
        return make_cover(terms=terms, since=BEGUN, **named | more, **self.office())

    def covered(self, *devices: Device, until: date | None = None, terms: Wanted = TERMS) -> Cover:
        """Give devices a cover from the beginning of the school year on."""
        cover = self.cover(terms, name=f"Care {devices[0].tag}")
        ids = [device.pk for device in devices]
        cover_devices(cover_id=cover.pk, device_ids=ids, since=BEGUN, until=until, **self.office())
        return cover


def outside(schools: int = 1) -> Outside:
    """Make the district with its vendor."""
    w = world(schools)
    w.at = w.town.at + timedelta(minutes=5)
    return Outside(w, open_site(kind=Site.Kind.VENDOR, name="RepairCo", timezone="America/Chicago", **make.system()))


def fresh(case: VendorCase) -> VendorCase:
    """Return a case as the database holds it now."""
    rows = VendorCase.objects.everyone(reason="a test looks")
    return rows.select_related("device", "vendor", "owner", "return_to", "work_order", "back__parcel").get(pk=case.pk)


def box_out(case: VendorCase) -> Shipment:
    """Return the shipment with which a case's device left."""
    found = fresh(case).out
    assert found is not None
    return found


def box_back(case: VendorCase) -> Shipment:
    """Return the shipment with which a case's device comes back."""
    found = fresh(case).back
    assert found is not None
    return found


def the_claim(order: WorkOrder) -> Claim:
    """Return the claim for a repair that has one."""
    found = claim_of(order)
    assert found is not None
    return found


def claim_of(order: WorkOrder) -> Claim | None:
    """Return the claim for a repair."""
    return Claim.objects.everyone(reason="a test looks").filter(work_order=order).first()
