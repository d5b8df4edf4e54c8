// The modes of the scan page, as a table. A new mode is a record here, its words in templates/scan/words.html.
//
// A mode says what stays in the hand once it is scanned (a place, a shipment), what a device then does, and what a
// second scan of the same place or shipment does for all the rest. Everything here is pure: it decides, it keeps nothing.
import type { Said } from "./queue";
import type { Read, Thing } from "./things";
import { type Student, nextOf } from "./turns";

/** One thing done: the verb and the codes that the server will hear. */
export interface Act {
  verb: string;
  said: Said;
}

/** What was scanned before and still holds. */
export interface Hand {
  /** What the page's address said the mode is about: a count's code, a homeroom's number. */
  set?: string;
  /** The homeroom's list, and who of the skipped is here now. */
  list?: readonly Student[];
  late?: number;
  spot?: Read;
  device?: Read;
  loaner?: Read;
}

/** A choice that goes with an act that waits to be confirmed; the first one is chosen beforehand. */
export interface Choice {
  field: string;
  /** Names the words of the options on the page. */
  options: string;
}

export interface Offer {
  act: Act;
  /** The word on the button; {device}, {loaner}, {place} are filled in. */
  word: string;
  choice?: Choice;
}

/** A tap that adds something to the device scanned last, such as a damage. */
export interface Tap {
  key: string;
  icon: string;
  act(last: Act): Act;
}

export interface Mode {
  key: string;
  icon: string;
  /** What is scanned once and stays. */
  holds: readonly Thing["kind"][];
  /** Only for something that another page leads here with: /scan/line?mode=count&set=K7RM. */
  set?: true;
  /** The page that led here, and where the work is finished. */
  home?(set: string): string;
  /** Shown only where the server says that it knows this verb. */
  verb?: string;
  /** What a device does, with what is in the hand; null when something has to be scanned first. */
  device?(hand: Hand, read: Read): Act | null;
  /** What the place or shipment in the hand does when it is scanned a second time. */
  again?(spot: Read): Act;
  /** Two devices are one act: what the two allow. */
  pair?(device: Read, loaner: Read): Offer;
  taps?: readonly Tap[];
}

function load(hand: Hand, read: Read): Act | null {
  const spot = hand.spot;
  if (spot?.kind === "shipment") return { verb: "receive", said: { device: read.code, shipment: spot.code } };
  if (spot) return { verb: "load", said: { device: read.code, place: spot.code } };
  if (read.thing?.shipment) return { verb: "receive", said: { device: read.code, shipment: read.thing.shipment } };
  return null;
}

function pair(device: Read, loaner: Read): Offer {
  const said = { device: device.code, loaner: loaner.code };
  const theirs = Boolean(loaner.thing?.holder) && loaner.thing?.holder === device.thing?.owner;
  if (device.thing?.ready || theirs) {
    return { act: { verb: "hand_back", said }, word: "offerHandBack", choice: { field: "grade", options: "grades" } };
  }
  return { act: { verb: "swap", said }, word: "offerSwap", choice: { field: "symptom", options: "symptoms" } };
}

const inPlace = (verb: string) => (hand: Hand, read: Read): Act | null =>
  hand.spot ? { verb, said: { device: read.code, place: hand.spot.code } } : null;

function count(hand: Hand, read: Read): Act | null {
  return hand.spot && hand.set ? { verb: "count", said: { device: read.code, place: hand.spot.code, count: hand.set } } : null;
}

function handOut(hand: Hand, read: Read): Act | null {
  if (!hand.set) return null;
  const said = { device: read.code, group: Number(hand.set) };
  if (!hand.list) return { verb: "hand_out", said };
  const owner = read.thing?.owner;
  const whose = owner ? hand.list.find((one) => one.who === owner) : nextOf(hand);
  if (whose) return { verb: "hand_out", said: { ...said, person_id: whose.person } };
  return owner ? { verb: "hand_out", said } : null;
}

/** Somebody is not here; without a list it is the next one on the server's. */
export function skip(hand: Hand): Act | null {
  if (!hand.set) return null;
  const next = nextOf(hand);
  if (hand.list && !next) return null;
  return { verb: "skip", said: { group: Number(hand.set), ...(next ? { person_id: next.person } : {}) } };
}

/** What is added to a device that was just collected: the same verb again, with what is new. */
const adds = (key: string, icon: string, more: Said): Tap => ({ key, icon, act: (last) => ({ verb: "collect", said: { device: last.said["device"] ?? "", ...more } }) });

export const MODES: readonly Mode[] = [
  { key: "look", icon: "search", holds: [] },
  { key: "swap", icon: "swap", holds: [], pair },
  {
    key: "load",
    icon: "truck",
    holds: ["place", "shipment"],
    device: load,
    again: (spot) => (spot.kind === "shipment" ? { verb: "receive", said: { shipment: spot.code } } : { verb: "load", said: { place: spot.code } }),
  },
  { key: "relocate", icon: "place", holds: ["place"], device: inPlace("relocate") },
  { key: "seen", icon: "check", holds: ["place"], device: inPlace("seen") },
  {
    key: "collect",
    icon: "box",
    verb: "collect",
    home: () => "/collecting",
    holds: [],
    device: (_hand, read) => ({ verb: "collect", said: { device: read.code } }),
    taps: [
      adds("cracked", "broken", { damage: "cracked" }),
      adds("input", "keyboard", { damage: "input" }),
      adds("dead", "power", { damage: "dead" }),
      adds("charger", "plug", { charger: "no" }),
    ],
  },
  { key: "count", icon: "count", holds: ["place"], set: true, verb: "count", device: count, home: (set) => `/counts/${encodeURIComponent(set)}` },
  { key: "hand_out", icon: "family", holds: [], set: true, verb: "hand_out", device: handOut, home: (set) => `/hand-out/${encodeURIComponent(set)}` },
];

/** The modes that can be used here: with what they are about, where they need it, and verbs that the server knows. */
export function usable(verbs: readonly string[], sets: ReadonlyMap<string, string>): Mode[] {
  return MODES.filter((mode) => (!mode.set || sets.get(mode.key)) && (!mode.verb || verbs.includes(mode.verb)));
}

export function modeCalled(key: string): Mode {
  return MODES.find((mode) => mode.key === key) ?? (MODES[0] as Mode);
}

// --- One scan --------------------------------------------------------------------------------------------------------

export type Step =
  | { kind: "told"; read: Read }
  | { kind: "held"; hand: Hand; read: Read }
  | { kind: "does"; act: Act; read: Read }
  | { kind: "offers"; hand: Hand; offer: Offer; read: Read }
  | { kind: "confirms"; read: Read }
  | { kind: "first"; read: Read };

/** Decides what a scan means in a mode, with what is in the hand and whether an offer waits. */
export function step(mode: Mode, hand: Hand, read: Read, offered: boolean): Step {
  if (mode.pair) return stepPair(mode.pair, hand, read, offered);
  if (!mode.device) return { kind: "told", read };
  const spot = asSpot(mode, hand, read);
  if (spot && hand.spot?.code === spot.code && mode.again) return { kind: "does", act: mode.again(spot), read: spot };
  if (spot) return { kind: "held", hand: { ...(hand.set ? { set: hand.set } : {}), spot }, read: spot };
  if (read.kind === "place" || read.kind === "shipment") return { kind: "told", read };
  const act = mode.device(hand, read);
  return act ? { kind: "does", act, read } : { kind: "first", read };
}

/** A place or shipment for the hand. A code that the phone doesn't know is one only while the hand is empty. */
function asSpot(mode: Mode, hand: Hand, read: Read): Read | null {
  if (read.kind === "unknown") return hand.spot || mode.holds.length !== 1 ? null : { ...read, kind: mode.holds[0] as Thing["kind"] };
  return mode.holds.includes(read.kind) ? read : null;
}

function stepPair(allow: NonNullable<Mode["pair"]>, hand: Hand, read: Read, offered: boolean): Step {
  if (read.kind === "place" || read.kind === "shipment") {
    return offered && read.thing?.what === "pickup_box" ? { kind: "confirms", read } : { kind: "told", read };
  }
  if (offered) return { kind: "first", read };
  const now = inHand(hand, read);
  if (now.device && now.loaner) return { kind: "offers", hand: now, offer: allow(now.device, now.loaner), read };
  return { kind: "held", hand: now, read };
}

function inHand(hand: Hand, read: Read): Hand {
  if (read.thing?.loaner) return { ...hand, loaner: read };
  const second = hand.device && hand.device.code !== read.code && !read.thing;
  return second ? { ...hand, loaner: read } : { ...hand, device: read };
}

// --- What a scan leads to --------------------------------------------------------------------------------------------

/** The modes that go on from a thing that was looked up. */
export function ways(read: Read): string[] {
  if (read.kind === "shipment") return ["load"];
  if (read.thing?.what === "pickup_box") return ["load", "relocate", "seen"];
  if (read.kind === "place") return ["relocate", "seen"];
  return read.thing?.shipment ? ["load", "swap"] : ["swap"];
}

/** What takes an act back after it was sent, where that can be done honestly: a device or a turn is as it was. */
export function inverse(act: Act, before: Thing | undefined): Act | null {
  const { group, person_id } = act.said;
  if ((act.verb === "hand_out" || act.verb === "skip") && group && person_id) return { verb: "undo_hand_out", said: { group, person_id } };
  if (act.verb !== "relocate" || !before?.place || !act.said["device"]) return null;
  return { verb: "relocate", said: { device: act.said["device"], place: before.place } };
}

/** What the phone believes of a device after an act, until it hears from the server. */
export function after(act: Act, before: Thing): Thing {
  if (act.verb === "relocate") return { ...before, place: String(act.said["place"] ?? ""), holder: "", shipment: "" };
  if (act.verb === "load") return { ...before, place: "", shipment: "" };
  if (act.verb === "receive") return { ...before, shipment: "" };
  if (act.verb === "hand_back") return { ...before, ready: false, place: "", holder: before.owner ?? "" };
  return before;
}
