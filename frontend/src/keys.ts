// Single keys for what the page offers: <button data-key="s">. "?" lists them.
//
// A letter waits for a moment, so that a scanner's burst is never taken for a command. Inside a field, hold Alt.
import { openDialog, takesKeys } from "./fields";
import { BURST_MS } from "./scanline";

let waiting: ReturnType<typeof setTimeout> | undefined;

export function startKeys(): void {
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    const opener = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-open]") : null;
    const dialog = opener && document.getElementById(opener.dataset["open"] ?? "");
    if (dialog instanceof HTMLDialogElement) open(dialog);
  });
}

function pressed(event: KeyboardEvent): void {
  const hurried = waiting !== undefined;
  clearTimeout(waiting);
  waiting = undefined;
  if (event.isComposing || event.ctrlKey || event.metaKey || event.repeat || event.defaultPrevented || hurried) return;
  if (takesKeys(event.target) && !event.altKey) {
    move(event);
    return;
  }
  const key = event.altKey ? event.code.replace(/^(Key|Digit)/, "").toLowerCase() : event.key;
  if (key === "?" && !openDialog()) waiting = setTimeout(help, BURST_MS);
  else if (!move(event)) act(event, key);
}

function act(event: KeyboardEvent, key: string): void {
  if (key === "Enter") return; // Enter belongs to what has the focus, and to the empty scan line
  const root = openDialog() ?? document;
  const target = [...root.querySelectorAll<HTMLElement>("[data-key]")].find(
    (each) => each.dataset["key"] === key && each.offsetParent !== null && each.getAttribute("aria-disabled") !== "true",
  );
  if (!target) return;
  if (event.altKey) event.preventDefault();
  waiting = setTimeout(() => {
    waiting = undefined;
    if (takesKeys(target)) target.focus();
    else target.click();
  }, BURST_MS);
}

/** Up and down go through the rows of the list; from the scan line, down goes into it. */
function move(event: KeyboardEvent): boolean {
  const step = event.key === "ArrowDown" || event.key === "j" ? 1 : event.key === "ArrowUp" || event.key === "k" ? -1 : 0;
  const field = takesKeys(event.target);
  const fromScan = event.target instanceof HTMLInputElement && event.target.form?.matches("[data-scanline]");
  if (step === 0 || (field && (!fromScan || event.key.length === 1)) || openDialog()) return false;
  const rows = [...document.querySelectorAll<HTMLElement>("[data-rows] .item, [data-rows] tbody tr :is(th, td):first-child a")];
  const now = rows.findIndex((row) => row === document.activeElement);
  const next = rows[Math.min(Math.max(now + step, 0), rows.length - 1)];
  if (!next) return false;
  event.preventDefault();
  next.focus();
  return true;
}

function help(): void {
  waiting = undefined;
  const dialog = document.getElementById("keys");
  if (dialog instanceof HTMLDialogElement) open(dialog);
}

function open(dialog: HTMLDialogElement): void {
  if (dialog.id === "keys") list(dialog);
  if (!dialog.open) dialog.showModal();
}

function list(dialog: HTMLDialogElement): void {
  const facts = dialog.querySelector("[data-keys-list]");
  for (const old of facts?.querySelectorAll("[data-found]") ?? []) old.remove();
  for (const target of document.querySelectorAll<HTMLElement>("[data-key]")) {
    if (target.offsetParent === null) continue;
    const key = Object.assign(document.createElement("kbd"), { className: "key", textContent: target.dataset["key"] ?? "" });
    const term = document.createElement("dt");
    term.dataset["found"] = "";
    term.append(key);
    const means = Object.assign(document.createElement("dd"), { textContent: named(target) });
    means.dataset["found"] = "";
    facts?.append(term, means);
  }
}

function named(target: HTMLElement): string {
  const copy = target.cloneNode(true) as HTMLElement;
  for (const aside of copy.querySelectorAll("kbd, .count")) aside.remove();
  return target.getAttribute("aria-label") ?? copy.textContent?.trim() ?? "";
}
