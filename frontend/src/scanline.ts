// The scan line: always ready, wherever the focus is.
//
// A scanner in keyboard mode types a burst: characters less than 50 ms apart, at least four, then Enter. A person does
// not. A burst typed into another field is taken out of it again and goes to the scan line; what a person types there
// stays theirs. A field with data-scan="here" receives scans itself. A wireless scanner may stumble: in the scan line
// itself, what came within a second before still belongs to the scan.
//
// Each scan is shown at once and told to the page as a cancelable "firstbell:scan" event {code}; a page with its own
// queue (counts, collection) calls preventDefault and handles it. Otherwise the form is sent.
import { openDialog, takesKeys, textField, type TextField } from "./fields";

const APART_MS = 50;
const STUMBLE_MS = 1_000;
const LEAST = 4;
const TRAIL = 5;

interface Burst {
  text: string;
  whole: string;
  last: number;
  field: TextField | null;
  before: string;
}

const NONE: Burst = { text: "", whole: "", last: 0, field: null, before: "" };

let burst: Burst = { ...NONE };

/** Other listeners wait this long before they take a letter for a person's. */
export const BURST_MS = APART_MS + 10;

export function startScanline(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-scanline]");
  const field = form?.querySelector<HTMLInputElement>('input[name="code"]');
  if (!form || !field) return;
  document.addEventListener("keydown", (event) => listen(event, form, field), { capture: true });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(field.value, form, field);
  });
  const ready = (): void => rest(field);
  document.addEventListener("click", (event) => event.detail > 0 && setTimeout(ready)); // a key's click keeps its focus
  document.addEventListener("close", () => setTimeout(ready), { capture: true });
  document.addEventListener("htmx:afterSettle", () => setTimeout(ready));
  addEventListener("pageshow", () => {
    field.value = "";
    form.classList.remove("taken");
    ready();
  });
}

/** Puts the focus on the scan line, unless something else needs it or it would open a phone's keyboard. */
function rest(field: HTMLInputElement): void {
  const nowhere = [null, document.body, document.getElementById("main")].includes(document.activeElement as HTMLElement | null);
  const selected = !(getSelection()?.isCollapsed ?? true);
  if (nowhere && !selected && !openDialog() && matchMedia("(pointer: fine)").matches && !document.querySelector("[data-focus], main [autofocus]")) {
    field.focus({ preventScroll: true });
  }
}

function listen(event: KeyboardEvent, form: HTMLFormElement, field: HTMLInputElement): void {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter") {
    if (isBurst(event)) scanned(event, form, field);
    burst = { ...NONE };
  } else if (event.key.length === 1 && !event.repeat) {
    if (slash(event, field)) return;
    collect(event);
  } else if (event.key === "Escape" && event.target === field) {
    if (field.value) field.value = "";
    else field.blur();
  }
}

function slash(event: KeyboardEvent, field: HTMLInputElement): boolean {
  const alone = event.timeStamp - burst.last >= APART_MS;
  if (event.key !== "/" || !alone || takesKeys(event.target) || openDialog()) return false;
  event.preventDefault();
  field.focus();
  field.select();
  return true;
}

function collect(event: KeyboardEvent): void {
  const typed = textField(event.target);
  if (event.timeStamp - burst.last < APART_MS && burst.field !== typed) {
    if (burst.field) burst.field.value = burst.before; // the focus moved under a scan: it goes on, nothing of it is lost
    burst = { ...burst, field: typed, before: typed?.value ?? "" };
  } else if (event.timeStamp - burst.last >= APART_MS) {
    const stumbled = burst.field === typed && event.timeStamp - burst.last < STUMBLE_MS;
    burst = { text: "", whole: stumbled ? burst.whole : "", last: 0, field: typed, before: typed?.value ?? "" };
  } else if (!typed) {
    event.preventDefault(); // a space inside a scan must not press the button that has the focus
  }
  burst.text += event.key;
  burst.whole += event.key;
  burst.last = event.timeStamp;
}

function isBurst(event: KeyboardEvent): boolean {
  return burst.text.length >= LEAST && event.timeStamp - burst.last < APART_MS;
}

function scanned(event: KeyboardEvent, form: HTMLFormElement, field: HTMLInputElement): void {
  const typed = burst.field;
  if (typed?.dataset["scan"] === "here" || (typed instanceof HTMLInputElement && typed.type === "password")) return;
  const here = openDialog()?.querySelector<HTMLInputElement>('[data-scan="here"]');
  if (openDialog() && !here) return;
  event.preventDefault();
  event.stopPropagation();
  if (typed && typed !== field) {
    typed.value = burst.before;
    typed.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (here) {
    here.value = burst.text;
    here.dispatchEvent(new Event("input", { bubbles: true }));
    here.form?.requestSubmit();
    return;
  }
  take(typed === field ? burst.whole : burst.text, form, field);
}

function take(raw: string, form: HTMLFormElement, field: HTMLInputElement): void {
  const code = raw.trim();
  if (!code) {
    primary();
    return;
  }
  field.value = code;
  show(code);
  const free = form.dispatchEvent(new CustomEvent("firstbell:scan", { bubbles: true, cancelable: true, detail: { code } }));
  if (!free) {
    field.value = "";
    return;
  }
  form.classList.add("taken");
  form.submit();
}

/** Enter on the empty line does the page's one next step. */
function primary(): void {
  document.querySelector<HTMLElement>('[data-key="Enter"]')?.click();
}

function show(code: string): void {
  const trail = document.getElementById("scan-trail");
  if (!trail) return;
  const row = Object.assign(document.createElement("li"), { textContent: code });
  row.dataset["state"] = "waiting";
  trail.append(row);
  while (trail.children.length > TRAIL) trail.firstElementChild?.remove();
}
