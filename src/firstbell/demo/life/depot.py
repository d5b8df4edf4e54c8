"""The courier's rounds and the bench: boxes in, repairs, checks, shipments home."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from firstbell.demo.life import rates
from firstbell.demo.life.desk import Desk
from firstbell.demo.life.engine import Engine
from firstbell.demo.town import School
from firstbell.devices.actions.custody import relocate
from firstbell.devices.models import Device, Shipment
from firstbell.devices.queries import resting_in
from firstbell.flows.bench import check, find_fault, finish, give_up, wait_for_part
from firstbell.flows.handback import retire_unrepairable
from firstbell.flows.transport import empty_box, note_failed_visit, pack_return, scan_in
from firstbell.parts.actions import order_parts, receive_order
from firstbell.parts.models import PartOrder, PartStock
from firstbell.parts.queries import stock_for
from firstbell.repairs.fixes import fix
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_of, to_return

_FIRST_STOP, _BETWEEN_STOPS = time(9, 15), timedelta(minutes=25)
_LOADED, _UNLOADED = time(8, 5), time(13, 30)
_DAY = 510
"""Minutes of a day at the depot."""
_VISIT_FAILS = 0.03
_FORGOTTEN = (timedelta(days=11), timedelta(days=6))
"""One device that came in so long ago is never touched: the silent one."""
_REFILL = 6
NO_VENDOR = "The district has no contract with a vendor yet."
_SHORT = timedelta(days=13)
"""One shipment home of the last two weeks arrives short: the first of them with more than one device."""


class Depot:
    """What the courier and the two technicians do."""

    def __init__(self, engine: Engine, desk: Desk) -> None:
        self._engine = engine
        self._desk = desk
        self._forgot = False
        self._short = False
        self._under_way: dict[int, Shipment] = {}

    def plan_round(self, day: date) -> None:
        """Let the courier drive a round on this day."""
        town, zone = self._engine.town, self._engine.town.depot_times.zone
        if not town.depot_times.is_school_day(day):
            return
        self._engine.plan(datetime.combine(day, _LOADED, zone), self._load)
        stop = datetime.combine(day, _FIRST_STOP, zone)
        for school in town.schools:
            if school.times.is_school_day(day):
                self._engine.plan(stop, self._visiting(school))
                stop += _BETWEEN_STOPS
        self._engine.plan(datetime.combine(day, _UNLOADED, zone), self._unload)

    def _visiting(self, school: School) -> Callable[[datetime], None]:
        return lambda at: self._visit(school, at)

    def _load(self, at: datetime) -> None:
        town = self._engine.town
        waiting = set(to_return(by=town.technician).values_list("site_id", flat=True))
        for school in town.schools:
            if school.pk in waiting:
                sent = self._engine.do(pack_return, site_id=school.pk, by=town.technician, at=at)
                if sent is not None:
                    self._under_way[school.pk] = sent

    def _visit(self, school: School, at: datetime) -> None:
        engine = self._engine
        box = school.places["pickup_box"]
        self._clear_desk(school, at)
        if engine.chance(_VISIT_FAILS):
            engine.do(note_failed_visit, place_id=box, reason="nobody", by=engine.town.technician, at=at)
            return
        home = self._under_way.pop(school.pk, None)
        if home is not None:
            engine.plan(at + timedelta(minutes=12), lambda then: self._arrive(school, home, then))
        if resting_in(box, by=engine.town.technician).exists():
            sent = engine.do(empty_box, place_id=box, by=engine.town.technician, at=at)
            if sent is not None:
                self._under_way[-sent.pk] = sent

    def _clear_desk(self, school: School, at: datetime) -> None:
        """Where broken devices are put on the desk, the lead carries them to the box when the courier is due."""
        if school.number != 3:
            return
        for device in resting_in(school.places["desk"], by=school.lead).filter(status=Device.Status.IN_REPAIR):
            content = {"device_id": device.pk, "place_id": school.places["pickup_box"]}
            self._engine.do(relocate, by=school.lead, at=at - timedelta(minutes=5), **content)

    def _unload(self, at: datetime) -> None:
        """Scan in what came from the schools, and plan the work on it."""
        for key in [key for key in self._under_way if key < 0]:
            shipment = self._under_way.pop(key)
            if self._engine.do(scan_in, shipment_id=shipment.pk, by=self._engine.town.technician, at=at) is not None:
                for device_id in shipment.items.order_by("device_id").values_list("device_id", flat=True):
                    self._receive(device_id, at)

    def _receive(self, device_id: int, at: datetime) -> None:
        engine, order = self._engine, order_of(device_id)
        age = engine.town.now - at
        if not self._forgot and _FORGOTTEN[1] < age < _FORGOTTEN[0]:
            self._forgot = True
        elif order is not None:
            minutes = engine.between(60, 2.2 * _DAY)
            engine.later(engine.town.depot_times, at, minutes, lambda then: self._work(order, then))

    # --- Bench -------------------------------------------------------------------------------------------------

    def _work(self, order: WorkOrder, at: datetime) -> None:
        engine, technician = self._engine, self._engine.town.technician
        causes = rates.CAUSES.get(order.symptom, rates.CAUSES["dead"])
        content = {"work_order_id": order.pk, "fault": engine.pick(causes)}
        if engine.chance(rates.BEYOND_REPAIR):
            engine.do(find_fault, by=technician, at=at, **content)
            engine.later(engine.town.depot_times, at, 30, lambda then: self._give_up(order, then))
        elif engine.chance(rates.AWAITS_PART):
            engine.do(wait_for_part, by=technician, at=at, **content)
            minutes = engine.between(2 * _DAY, 7 * _DAY)
            engine.later(engine.town.depot_times, at, minutes, lambda then: self._finish(order, content, then))
        else:
            if engine.chance(0.25):
                engine.do(find_fault, by=technician, at=at, **content)
            engine.later(engine.town.depot_times, at, 35, lambda then: self._finish(order, content, then))

    def _finish(self, order: WorkOrder, content: dict[str, object], at: datetime) -> None:
        engine, stock = self._engine, self._stock_for(order, str(content["fault"]))
        told = {"why_outside": NO_VENDOR, "elsewhere": stock is not None and stock.count == 0}
        if engine.do(finish, by=engine.town.technician, at=at, **content, **told) is not None:
            self._order_more(stock, at)
            minutes = engine.between(20, 500)
            engine.later(engine.town.depot_times, at, minutes, lambda then: self._check(order, content, then))

    def _stock_for(self, order: WorkOrder, fault: str) -> PartStock | None:
        found = fix(fault)
        return stock_for(self._engine.town.depot.pk, found.part, order.device.model_id) if found else None

    def _order_more(self, stock: PartStock | None, at: datetime) -> None:
        """Order parts when their reorder point is reached; most suppliers keep their day, some don't."""
        engine = self._engine
        if stock is None or stock.count - 1 > stock.reorder_at or stock.kind.orders.filter(ended_at=None).exists():
            return
        made = engine.do(order_parts, stock_id=stock.pk, pieces=_REFILL, by=engine.town.technician, at=at)
        if made is not None:
            came = at + timedelta(days=made.promised_days + made.pk % 4 - 1)
            engine.plan(came, lambda then: self._take_in(made, then))

    def _take_in(self, order: PartOrder, at: datetime) -> None:
        content = {"order_id": order.pk, "pieces": _REFILL}
        self._engine.do(receive_order, by=self._engine.town.technician, at=at, **content)

    def _check(self, order: WorkOrder, content: dict[str, object], at: datetime) -> None:
        engine = self._engine
        passed = not engine.chance(rates.CHECK_FAILS)
        engine.do(check, work_order_id=order.pk, passed=passed, by=engine.town.checker, at=at)
        if not passed:
            engine.later(engine.town.depot_times, at, 120, lambda then: self._finish(order, content, then))

    def _give_up(self, order: WorkOrder, at: datetime) -> None:
        engine = self._engine
        engine.do(give_up, work_order_id=order.pk, by=engine.town.technician, at=at)
        engine.later(engine.town.depot_times, at, 6 * _DAY, lambda then: self._retire(order, then))

    def _retire(self, order: WorkOrder, at: datetime) -> None:
        content = {"work_order_id": order.pk, "reason": "The board costs more than the device is worth."}
        self._engine.do(retire_unrepairable, by=self._engine.town.office, at=at, **content)

    # --- Home --------------------------------------------------------------------------------------------------

    def _arrive(self, school: School, shipment: Shipment, at: datetime) -> None:
        """The lead scans a shipment in; once, of late, one device of it is missing."""
        engine = self._engine
        devices = list(shipment.items.order_by("device_id").values_list("device_id", flat=True))
        content: dict[str, object] = {"shipment_id": shipment.pk}
        if not self._short and len(devices) > 1 and engine.town.now - at < _SHORT:
            self._short = True
            devices = devices[:-1]
            content["device_ids"] = tuple(devices)
        if engine.do(scan_in, by=school.lead, at=at, **content) is None:
            return
        for device_id in devices:
            order = order_of(device_id)
            if order is not None:
                self._wait_for_owner(school, order, at)

    def _wait_for_owner(self, school: School, order: WorkOrder, at: datetime) -> None:
        late = self._engine.chance(rates.LATE_HAND_BACK)
        minutes = self._engine.between(800, 2400) if late else self._engine.between(30, 420)
        self._engine.later(school.times, at, minutes, lambda then: self._desk.hand_back(school, order, then))
