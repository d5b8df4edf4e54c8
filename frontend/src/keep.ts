// <form data-keep="report">: what is written stays on this device until the server has it.
//
// On input it is saved; after a reload it is back; when sending fails, or the server is slow, it says so and sends
// again with the same operation id. Files are sent again while the page is open, but are not kept over a reload.
import { fillOps, newOp } from "./op";
import { notify, sign } from "./notify";
import { word } from "./words";

const SLOW_MS = 8_000;
const GIVE_UP_MS = 30_000;
const PAUSES_MS = [2_000, 4_000, 8_000, 15_000, 30_000];
const KEPT_MS = 24 * 60 * 60 * 1000;
const NEVER_KEPT = new Set(["csrfmiddlewaretoken"]);

interface Draft {
  at: number;
  sending: boolean;
  fields: [string, string][];
}

export function startKeep(): void {
  said();
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-keep]")) new Kept(form, true);
}

/** What the page we are led to said was said to the one who fetched it: it is carried over to where it can be read. */
function carry(html: string): void {
  const told = new DOMParser().parseFromString(html, "text/html").querySelector("#notices .notice-fine")?.textContent;
  try {
    sessionStorage.setItem("said", told?.trim() ?? "");
  } catch {
    // Without a store it is not said again; it is done all the same.
  }
}

function said(): void {
  try {
    notify(sessionStorage.getItem("said") ?? "", "fine");
    sessionStorage.removeItem("said");
  } catch {
    // as above
  }
}

class Kept {
  private readonly key: string;
  private tries = 0;
  private busy = false;
  private sent = false;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly form: HTMLFormElement,
    fresh: boolean,
  ) {
    this.key = `keep:${location.pathname}:${form.dataset["keep"] ?? ""}`;
    const draft = this.read();
    if (draft) this.restore(draft);
    this.op();
    form.addEventListener("input", () => this.written());
    form.addEventListener("change", () => this.written());
    form.addEventListener("submit", (event) => this.submitted(event));
    addEventListener("pageshow", (event) => event.persisted && this.again());
    addEventListener("online", () => void (this.waiting !== undefined && this.send()));
    if (draft?.sending) void this.send();
    else if (draft && fresh) notify(word("restored"), "fine");
  }

  private op(): HTMLInputElement {
    let field = this.form.querySelector<HTMLInputElement>('input[name="op"]');
    if (!field) {
      field = Object.assign(document.createElement("input"), { type: "hidden", name: "op" });
      this.form.append(field);
    }
    field.value ||= newOp();
    return field;
  }

  /** Back on a page whose words were sent: what is sent now is another message. With data-once it is the same one. */
  private again(): void {
    if (this.form.dataset["once"] === undefined) this.op().value = newOp();
    this.mark(false);
  }

  /** Words changed while a send was waiting, or after it, are another message: it is no longer sent by itself. */
  private written(): void {
    if (this.waiting !== undefined || this.sent) this.another();
    this.save(false);
  }

  private another(): void {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.sent = false;
    this.op().value = newOp();
  }

  // --- What is kept --------------------------------------------------------------------------------------------

  private read(): Draft | null {
    try {
      const draft = JSON.parse(localStorage.getItem(this.key) ?? "null") as Draft | null;
      if (draft && Date.now() - draft.at < KEPT_MS) return draft;
      localStorage.removeItem(this.key);
    } catch {
      // A full or forbidden store keeps nothing; the form works without it.
    }
    return null;
  }

  private save(sending: boolean): void {
    const fields = [...new FormData(this.form)].filter(
      (pair): pair is [string, string] => typeof pair[1] === "string" && !NEVER_KEPT.has(pair[0]) && !this.secret(pair[0]),
    );
    try {
      localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), sending, fields } satisfies Draft));
    } catch {
      // as above
    }
  }

  private secret(name: string): boolean {
    const field = this.form.elements.namedItem(name);
    return field instanceof HTMLInputElement && (field.type === "password" || field.autocomplete === "one-time-code");
  }

  private forget(): void {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // as above
    }
  }

  private restore(draft: Draft): void {
    const values = new Map<string, string[]>();
    for (const [name, value] of draft.fields) values.set(name, [...(values.get(name) ?? []), value]);
    for (const field of this.form.elements) {
      if (field instanceof HTMLInputElement && (field.type === "radio" || field.type === "checkbox")) {
        field.checked = values.get(field.name)?.includes(field.value) ?? false;
      } else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) {
        const value = values.get(field.name)?.shift();
        if (field.type !== "file" && value) field.value = value;
      }
    }
    if (draft.sending) this.retap(draft);
  }

  /** The button that was tapped before the reload has no field of its own. */
  private retap(draft: Draft): void {
    for (const [name, value] of draft.fields) {
      const fields = [...this.form.elements].filter((field) => field.getAttribute("name") === name);
      if (fields.every((field) => field instanceof HTMLButtonElement)) this.tapped(name, value);
    }
  }

  // --- How it is sent ------------------------------------------------------------------------------------------

  private submitted(event: SubmitEvent): void {
    event.preventDefault();
    this.choose(event.submitter instanceof HTMLButtonElement ? event.submitter : null);
    void this.send();
  }

  /** A tap on a button with a name and a value is an answer too: it is kept like one, until another button is tapped. */
  private choose(button: HTMLButtonElement | null): void {
    const before = this.form.querySelector<HTMLInputElement>("input[data-tapped]");
    const same = (before?.name ?? "") === (button?.name ?? "") && (before?.value ?? "") === (button?.value ?? "");
    if (same) return;
    if (this.waiting !== undefined || this.sent) this.another();
    before?.remove();
    if (!button?.name) return;
    this.tapped(button.name, button.value);
  }

  private tapped(name: string, value: string): void {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    field.dataset["tapped"] = "";
    this.form.append(field);
  }

  private async send(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.op();
    this.save(true);
    this.mark(true);
    const slow = setTimeout(() => this.say(word("slow")), SLOW_MS);
    try {
      await this.answered(await this.post());
    } catch {
      this.later(0);
    } finally {
      clearTimeout(slow);
      this.busy = false;
    }
  }

  private post(): Promise<Response> {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), GIVE_UP_MS);
    return fetch(this.form.getAttribute("action") || location.href, {
      method: "POST",
      body: this.form.enctype === "multipart/form-data" ? new FormData(this.form) : new URLSearchParams(this.pairs()),
      headers: { Accept: "text/html", "X-Kept": "1" },
      signal: stop.signal,
    });
  }

  private pairs(): [string, string][] {
    return [...new FormData(this.form)].filter((pair): pair is [string, string] => typeof pair[1] === "string");
  }

  private async answered(response: Response): Promise<void> {
    if (response.status >= 500 || response.status === 429 || response.status === 408) {
      this.later(Number(response.headers.get("Retry-After") ?? 0) * 1000);
      return;
    }
    this.form.parentElement?.querySelector(".kept")?.remove();
    if (response.ok) {
      this.forget();
      this.sent = true;
    } else {
      this.op().value = ""; // nothing was done: what is sent next is a new operation
      this.save(false);
    }
    const text = await response.text();
    if (response.redirected && response.ok) {
      carry(text);
      location.assign(response.url);
      return;
    }
    this.show(text);
  }

  /** The answer is a page: its content takes the place of ours, its form is kept again. */
  private show(html: string): void {
    const page = new DOMParser().parseFromString(html, "text/html");
    const fresh = page.getElementById("main");
    const main = document.getElementById("main");
    if (!fresh || !main) {
      this.later(0);
      return;
    }
    document.title = page.title;
    main.replaceWith(document.adoptNode(fresh));
    fillOps(fresh);
    for (const form of fresh.querySelectorAll<HTMLFormElement>("form[data-keep]")) new Kept(form, false);
    const focus = fresh.querySelector<HTMLElement>("[data-focus]") ?? fresh;
    focus.focus();
    scrollTo({ top: 0 });
  }

  /** A report sent again after a reload lies in a step that is not shown: its address shows it. */
  private appear(): void {
    const step = this.form.closest<HTMLElement>("section[id]");
    if (step && !step.getClientRects().length) location.hash = step.id;
  }

  private later(least: number): void {
    this.mark(false);
    this.appear();
    const pause = Math.max(least, PAUSES_MS[Math.min(this.tries, PAUSES_MS.length - 1)] ?? 0);
    this.tries += 1;
    this.waiting = setTimeout(() => void this.send(), pause * (0.75 + Math.random() / 2));
    const again = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: word("again") });
    again.addEventListener("click", () => void this.send());
    this.say(word("kept")).append(again);
  }

  /** Said under the form, where the finger just was. */
  private say(text: string): HTMLElement {
    const place = this.form.nextElementSibling?.matches(".kept") ? this.form.nextElementSibling : document.createElement("div");
    place.className = "kept";
    place.setAttribute("role", "status");
    const words = document.createElement("div");
    words.append(Object.assign(document.createElement("p"), { textContent: text }));
    this.form.after(place);
    place.replaceChildren(sign("clock"), words);
    place.scrollIntoView({ block: "nearest" });
    return words;
  }

  private mark(sending: boolean): void {
    this.form.inert = sending;
    for (const button of this.form.querySelectorAll<HTMLButtonElement>("button:not([type=button])")) {
      if (sending) button.setAttribute("aria-busy", "true");
      else button.removeAttribute("aria-busy");
    }
  }
}
