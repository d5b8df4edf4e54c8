// What a page does with scans itself.
//
// [data-scan-code="K7RM"]: a scan of this code is a tap on it. form[data-scans] takes every other scan in its field
// "code": with hx-post one after the other, in the order of the scans and none lost while the server is slow or away;
// without it the page goes where the form leads.
interface Scan {
  code: string;
  row: HTMLElement | null;
}

interface Answer {
  elt: Element;
  successful?: boolean;
  xhr: XMLHttpRequest;
}

const AGAIN_MS = 2_000;
const waiting: Scan[] = [];
let busy = false;

export function startScans(): void {
  document.addEventListener("firstbell:scan", (event) => {
    const code = (event as CustomEvent<{ code: string }>).detail.code;
    if (tapped(code) || taken(code)) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const answer = (event as CustomEvent<Answer>).detail;
    if (answer.elt.matches("form[data-scans]")) after(answer);
  });
}

function tapped(code: string): boolean {
  const last = (code.split("/").filter(Boolean).at(-1) ?? "").toUpperCase();
  const target = [...document.querySelectorAll<HTMLElement>("[data-scan-code]")].find((each) => each.dataset["scanCode"] === last);
  if (!target) return false;
  settle(newest());
  target.click();
  return true;
}

function taken(code: string): boolean {
  const form = document.querySelector<HTMLFormElement>("form[data-scans]");
  if (!form) return false;
  if (form.hasAttribute("hx-post")) {
    waiting.push({ code, row: newest() });
    next();
  } else {
    fill(form, code);
    form.submit();
  }
  return true;
}

function next(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-scans]");
  const scan = waiting[0];
  if (busy || !form || !scan) return;
  busy = true;
  fill(form, scan.code);
  form.requestSubmit();
}

/** A scan that did not reach the server stays first in the row, with the same operation id, and is sent again. */
function after({ successful, xhr }: Answer): void {
  busy = false;
  if (!successful && (xhr.status === 0 || xhr.status >= 500)) {
    if (waiting[0]?.row) waiting[0].row.dataset["state"] = "failed";
    setTimeout(next, AGAIN_MS);
    return;
  }
  settle(waiting.shift()?.row ?? null);
  next();
}

function fill(form: HTMLFormElement, code: string): void {
  const field = form.elements.namedItem("code");
  if (field instanceof HTMLInputElement) field.value = code;
}

function newest(): HTMLElement | null {
  return document.querySelector<HTMLElement>("#scan-trail > :last-child");
}

function settle(row: HTMLElement | null): void {
  if (row) delete row.dataset["state"];
}
