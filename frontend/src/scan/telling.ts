// What the scan page says of a thing, of an act, and of whose turn it is.
import { type Act, type Hand, skip } from "./modes";
import { count, say } from "./say";
import type { Known, Read, Thing } from "./things";
import { type Turns, nextOf } from "./turns";
import { button, turn } from "./view";

export function about(read: Read, known: Known, online: boolean): string {
  const thing = read.thing;
  if (!thing) return online ? say("unknown") : say("unknownAway");
  if (thing.kind === "place") return thing.site ?? "";
  if (thing.kind === "shipment") return `${count("shipment", thing.devices ?? 0)} · ${thing.site ?? ""}`;
  return [thing.loaner ? say("loaner") : "", say(`status_${thing.status ?? ""}`), lies(thing, known)].filter(Boolean).join(" · ");
}

function lies(thing: Thing, known: Known): string {
  if (thing.place) return known.name(thing.place);
  if (thing.shipment) return say("onShipment", { shipment: thing.shipment });
  if (!thing.holder) return "";
  return thing.holder === thing.owner ? say("withOwner") : say("withSomebody");
}

/** What was done; `who` is the student whom it is about, if any. */
export function sentence(act: Act, known: Known, who: string): string {
  const facts = { ...act.said, who, place: known.name(String(act.said["place"] ?? "")) };
  return say(`did_${act.verb}${who ? "_to" : act.said["device"] ? "" : "_all"}`, facts);
}

/** Whose turn it is, the tap that skips them, and those of the skipped who may be here now. */
export function turnParts(hand: Hand, turns: Turns, does: { skip(): void; here(person: number): void }): HTMLElement[] {
  const next = nextOf(hand);
  const name = next ? say("turnOf", { who: turns.nameOf(next) }) : hand.list ? say("turnsDone") : "";
  const skips = skip(hand) && !hand.late ? [button("arrow", say("skip"), () => does.skip())] : [];
  const late = (hand.list ?? []).filter((one) => one.state === "skipped" && one.person !== hand.late);
  const here = late.map((one) => button("person", say("hereNow", { who: turns.nameOf(one) }), () => does.here(one.person), "button quiet"));
  return [turn(name, [...skips, ...here])];
}
