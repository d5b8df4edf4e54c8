"""Faults of real device lists, planted at rates seen in audits: 4.6 % bad serials, 5 % without a place, and a few more.

Each planted fault is noted with its row, so that a demo can show them and a test can look for them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from random import Random

from firstbell.demo.invented.fleet import Device

FIRST_ROW = 2
"""Of the list, below its header."""


class Fault(StrEnum):
    """What is wrong with a row, and whether a reader can tell."""

    SERIAL_UNTIDY = "serial_untidy"
    """Small letters and blanks: mended by any reader."""
    SERIAL_LETTER_O = "serial_letter_o"
    """O for 0: nobody can tell without the device."""
    SERIAL_MISSING = "serial_missing"
    SERIAL_EXCEL = "serial_excel"
    """Shortened by Excel: the row is refused."""
    NO_PLACE = "no_place"
    UNKNOWN_OWNER = "unknown_owner"
    """The number of somebody who has left."""
    TAG_REPEATED = "tag_repeated"
    """Two rows with one tag: both are refused."""
    IMEI_DIGIT = "imei_digit"
    """Two digits swapped: the row is refused."""


REFUSED = frozenset({Fault.SERIAL_EXCEL, Fault.TAG_REPEATED, Fault.IMEI_DIGIT})
"""The faults for which a row is not taken."""

_RATES = (
    (Fault.SERIAL_UNTIDY, 0.020),
    (Fault.SERIAL_LETTER_O, 0.015),
    (Fault.SERIAL_MISSING, 0.010),
    (Fault.SERIAL_EXCEL, 0.001),
    (Fault.NO_PLACE, 0.050),
    (Fault.UNKNOWN_OWNER, 0.005),
    (Fault.IMEI_DIGIT, 0.001),
    (Fault.TAG_REPEATED, 0.0005),
)
_LEFT = 190_001
"""First number of people who have left; those still there begin above."""
_SURE = 20
"""The first row to have a repeated tag, so that every list has one."""


class FaultPlanter:
    """Passes devices on, a few of them spoiled. ``planted``: fault -> rows."""

    def __init__(self, chance: Random) -> None:
        self.planted: dict[Fault, list[int]] = defaultdict(list)
        self._random = chance
        self._leavers = 0

    def spoil(self, devices: Iterable[Device]) -> Iterator[Device]:
        """Yield the devices in their order."""
        last_tag, last_row = "", 0
        for row, device in enumerate(devices, start=FIRST_ROW):
            tag = device.tag
            fault = self._fault(row)
            if fault is Fault.TAG_REPEATED and last_row:
                device.tag = last_tag
                self.planted[fault] += [last_row, row]
                last_row = 0
            else:
                if fault is not None and self._plant(fault, device):
                    self.planted[fault].append(row)
                last_tag, last_row = tag, row if fault is None else 0
            yield device

    def _fault(self, row: int) -> Fault | None:
        if row == _SURE:
            return Fault.TAG_REPEATED
        drawn = self._random.random()
        for fault, rate in _RATES:
            drawn -= rate
            if drawn < 0:
                return fault
        return None

    def _plant(self, fault: Fault, device: Device) -> bool:
        """Spoil the device; return False when it has nothing to spoil in this way."""
        if fault is Fault.NO_PLACE:
            device.site = device.place = ""
        elif fault is Fault.UNKNOWN_OWNER:
            return self._lose_owner(device)
        elif fault is Fault.IMEI_DIGIT:
            return _swap_digits(device)
        else:
            return _spoil_serial(fault, device)
        return True

    def _lose_owner(self, device: Device) -> bool:
        if not device.owner:
            return False
        device.owner = str(_LEFT + self._leavers)
        self._leavers += 1
        return True


def _spoil_serial(fault: Fault, device: Device) -> bool:
    serial = device.serial
    if fault is Fault.SERIAL_UNTIDY:
        device.serial = f" {serial[:4].lower()} {serial[4:].lower()}"
    elif fault is Fault.SERIAL_LETTER_O:
        device.serial = serial.replace("0", "O")
    elif fault is Fault.SERIAL_MISSING:
        device.serial = ""
    elif fault is Fault.SERIAL_EXCEL:
        device.serial = f"{sum(map(ord, serial)) / 100:.5f}E+15"
    return device.serial != serial


def _swap_digits(device: Device) -> bool:
    """Swap the last two unequal neighbours of the IMEI: its check digit notices, save for 0 and 9."""
    digits = device.imei
    for place in range(len(digits) - 1, 0, -1):
        pair = digits[place - 1 : place + 1]
        if len(set(pair)) == len(pair) and set(pair) != {"0", "9"}:
            device.imei = digits[: place - 1] + pair[::-1] + digits[place + 1 :]
            return True
    return False
