// What the scan page shows. It draws what it is told and decides nothing.
import { sign } from "../notify";
import type { Mode, Offer, Tap } from "./modes";
import { count, say } from "./say";

export type Signal = "fine" | "soon" | "late";

export interface Row {
  code: string;
  text: string;
  signal: Signal;
}

const ROWS = 40;
const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

function made<K extends keyof HTMLElementTagNameMap>(name: K, className: string, text = ""): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(name), { className, textContent: text });
}

export function button(icon: string, text: string, does: () => void, className = "button"): HTMLButtonElement {
  const one = made("button", className);
  one.type = "button";
  one.append(sign(icon), made("span", "", text));
  one.addEventListener("click", does);
  return one;
}

// --- Above the line: what must not be overlooked ---------------------------------------------------------------------

export function showUnsent(mine: number, online: boolean): void {
  const place = byId("unsent");
  place.textContent = mine ? count("unsent", mine) : say("allSent");
  place.dataset["state"] = mine ? (online ? "waiting" : "away") : "sent";
  byId("export").hidden = mine === 0;
  document.title = mine ? `(${mine}) ${say("title")}` : say("title");
}

/** One banner a reason: it stays until the reason is gone. */
export function banner(reason: string, text: string, signal: Signal = "soon", link?: { href: string; text: string }): void {
  const place = byId("banners");
  const old = place.querySelector(`[data-reason="${reason}"]`);
  if (!text) {
    old?.remove();
    return;
  }
  const words = made("div", "", text);
  if (link) words.append(" ", Object.assign(made("a", "", link.text), { href: link.href }));
  const fresh = made("div", `notice notice-${signal}`);
  fresh.dataset["reason"] = reason;
  fresh.append(sign(signal), words);
  if (old) old.replaceWith(fresh);
  else place.append(fresh);
}

// --- Modes -----------------------------------------------------------------------------------------------------------

export function showModes(modes: readonly Mode[], now: Mode, choose: (key: string) => void): void {
  const place = byId("modes");
  place.replaceChildren(
    ...modes.map((mode) => {
      const one = button(mode.icon, say(`mode_${mode.key}`), () => choose(mode.key), "mode");
      one.setAttribute("aria-pressed", String(mode.key === now.key));
      return one;
    }),
  );
}

/** What is in the hand, and what to scan next. */
export function showHand(text: string, next: string, clear: (() => void) | null, more: HTMLElement[] = []): void {
  const place = byId("hand");
  place.replaceChildren(made("p", "hand-next", next), ...more);
  if (!text) return;
  const held = made("p", "hand-held", text);
  if (clear) held.append(button("close", say("putDown"), clear, "button quiet small"));
  place.prepend(held);
}

/** Whose turn it is, and what else can be done about it. */
export function turn(text: string, buttons: HTMLElement[]): HTMLElement {
  const place = made("div", "hand-turn");
  if (text) place.append(Object.assign(made("p", "hand-held", text), { id: "turn" }));
  place.append(...buttons);
  return place;
}

/** The way back to the page that led here. */
export function home(href: string, text: string): HTMLElement {
  const one = Object.assign(made("a", "hand-home", text), { href });
  one.prepend(sign("back"));
  return one;
}

// --- The last scan ---------------------------------------------------------------------------------------------------

export function showLast(row: Row): void {
  const place = byId("last");
  place.className = `last last-${row.signal}`;
  const words = made("div", "");
  words.append(made("b", "last-code", row.code), made("p", "", row.text));
  place.replaceChildren(sign(row.signal), words);
}

export function addRow(op: string, row: Row): void {
  const list = byId<HTMLOListElement>("trail");
  const line = made("li", "");
  line.dataset["op"] = op;
  line.append(made("b", "", row.code), made("span", "", row.text), made("span", "soft small", say("stateKept")));
  line.dataset["state"] = "kept";
  list.prepend(line);
  while (list.children.length > ROWS) list.lastElementChild?.remove();
  byId("trail-box").hidden = false;
}

const STATES: Record<string, string> = { applied: "stateDone", held: "stateHeld", conflict: "stateConflict", undone: "stateUndone", refused: "stateRefused" };

export function markRow(op: string, state: string, sentence = ""): void {
  const line = byId("trail").querySelector<HTMLElement>(`[data-op="${op}"]`);
  if (!line) return;
  line.dataset["state"] = state;
  const said = line.lastElementChild as HTMLElement;
  said.textContent = say(STATES[state] ?? "stateKept");
  if (sentence) said.textContent += ` ${sentence}`;
}

// --- What can be done next -------------------------------------------------------------------------------------------

export function clearNext(): void {
  byId("next").replaceChildren();
}

export function showOffer(offer: Offer, facts: Record<string, string | number>, confirm: (choice: string) => void, cancel: () => void): void {
  const place = byId("next");
  let chosen = "";
  const go = button("check", say(offer.word, facts), () => confirm(chosen), "button primary wide");
  go.dataset["key"] = "Enter";
  go.append(Object.assign(made("kbd", "key key-hint", "↵")));
  place.replaceChildren(go);
  if (offer.choice) {
    const options = choices(offer.choice.options, (value) => (chosen = value));
    chosen = options.first;
    place.append(options.box);
  }
  place.append(button("close", say("cancel"), cancel, "button quiet"));
}

function choices(name: string, choose: (value: string) => void): { box: HTMLElement; first: string } {
  const box = made("div", "picks");
  box.setAttribute("role", "radiogroup");
  box.setAttribute("aria-label", say(name));
  const options = JSON.parse(document.getElementById("scan-words")?.dataset[`${name}Options`] ?? "[]") as [string, string][];
  for (const [value, text] of options) {
    const input = Object.assign(made("input", ""), { type: "radio", name, value, checked: value === options[0]?.[0] });
    input.addEventListener("change", () => choose(value));
    const label = made("label", "");
    label.append(input, made("span", "", text));
    box.append(label);
  }
  return { box, first: options[0]?.[0] ?? "" };
}

export function showWays(buttons: HTMLElement[]): void {
  byId("next").replaceChildren(...buttons);
}

export function showTaps(taps: readonly Tap[], tap: (tap: Tap) => void): void {
  byId("next").replaceChildren(...taps.map((one) => button(one.icon, say(`tap_${one.key}`), () => tap(one))));
}

export function showUndo(undo: (() => void) | null): void {
  byId<HTMLButtonElement>("undo").disabled = undo === null;
}
