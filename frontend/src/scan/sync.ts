// Between phone and server: whose session it is, what the phone may know, and the batches that go out.
import type { Batch, Kept, Outcome, Queue, Reply } from "./queue";
import type { PhoneStore } from "./store";
import type { Known, Thing } from "./things";
import type { HomeroomList } from "./turns";

const PATIENCE_MS = 20_000;
const FRESH_MS = 10 * 60_000;
const PAUSES_MS = [2_000, 4_000, 8_000, 15_000, 30_000, 60_000];
const SOON_MS = 400;

export interface Person {
  who: string;
  csrf: string;
  verbs: string[];
}

/** A request that ends in time and never follows the way to the sign-in page. Null: the server is out of reach. */
async function ask(address: string, options: RequestInit = {}): Promise<Response | null> {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch(address, { ...options, redirect: "manual", cache: "no-store", signal: stop.signal, credentials: "same-origin" });
  } catch {
    return null;
  } finally {
    clearTimeout(late);
  }
}

const signedOut = (response: Response): boolean => response.type === "opaqueredirect" || response.status === 401;

export class Server {
  private csrf = "";

  /** Whose session it is; "signed_out" or "away" when nobody's. */
  async person(): Promise<Person | "signed_out" | "away" | "denied"> {
    const response = await ask("/scan/session");
    if (!response || response.status >= 500) return "away";
    if (signedOut(response)) return "signed_out";
    if (!response.ok) return "denied";
    const person = (await response.json()) as Person;
    this.csrf = person.csrf;
    return person;
  }

  get token(): string {
    return this.csrf;
  }

  async post(batch: Batch): Promise<Reply> {
    const reply = await this.postOnce(batch);
    if (reply.kind !== "denied") return reply;
    const person = await this.person(); // the token is renewed at each sign-in
    if (typeof person === "string") return { kind: person };
    return this.postOnce(batch);
  }

  private async postOnce(batch: Batch): Promise<Reply> {
    const response = await ask("/scan/batches", {
      method: "POST",
      body: JSON.stringify(batch),
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrf },
    });
    if (!response) return { kind: "away" };
    if (signedOut(response)) return { kind: "signed_out" };
    if (response.status === 403 || response.status === 404) return { kind: "denied" };
    if (response.status === 409) return { kind: "other_phone" };
    return response.ok || response.status === 422 ? read(response) : { kind: "away" };
  }

  async bundle(code = ""): Promise<{ until: string; things: Thing[] } | null> {
    const response = await ask(`/scan/bundle${code ? `?code=${encodeURIComponent(code)}` : ""}`);
    return response?.ok ? ((await response.json()) as { until: string; things: Thing[] }) : null;
  }

  /** The list of a homeroom that is handed out to. */
  async turns(group: string): Promise<HomeroomList | null> {
    const response = await ask(`/scan/turns/${encodeURIComponent(group)}`);
    return response?.ok ? ((await response.json()) as HomeroomList) : null;
  }
}

async function read(response: Response): Promise<Reply> {
  try {
    const told = (await response.json()) as { answers?: []; errors?: { scan: number | null }[] };
    if (response.ok && told.answers) return { kind: "answers", answers: told.answers };
    if (told.errors) return { kind: "unreadable", scans: told.errors.flatMap((fault) => fault.scan ?? []) };
  } catch {
    // Not ours: a page of the network in between.
  }
  return { kind: "away" };
}

/** What the phone knows is asked for when it is old, and gone when its day is over. */
export class Knowledge {
  private asked = 0;

  constructor(
    private readonly server: Server,
    private readonly store: PhoneStore,
    private readonly known: Known,
  ) {}

  async wake(): Promise<void> {
    const until = Date.parse((await this.store.read("until")) || "");
    if (!(until > Date.now())) await this.forget();
    else this.known.learn(await this.store.things(), true);
  }

  async renew(now = false): Promise<void> {
    if (!now && Date.now() - this.asked < FRESH_MS) return;
    const told = await this.server.bundle();
    if (!told) return;
    this.asked = Date.now();
    this.known.learn(told.things, true);
    await this.keep(told.things, told.until);
  }

  /** Asks about one code that the phone does not know. True when it was news. */
  async askAbout(code: string): Promise<boolean> {
    const told = await this.server.bundle(code);
    if (!told?.things.length) return false;
    this.known.learn(told.things, false);
    await this.store.learn(told.things, false).catch(() => undefined);
    return true;
  }

  async forget(): Promise<void> {
    this.known.forget();
    await this.store.learn([], true).catch(() => undefined);
  }

  /** A full phone goes without: scans come first. */
  private async keep(things: Thing[], until: string): Promise<void> {
    try {
      await this.store.learn(things, true);
      await this.store.write("until", until);
    } catch {
      // what is in memory serves until the page closes
    }
  }
}

/** Sends soon after a scan, again later when it did not work, and at once when the network is back. */
export class Sender {
  private tries = 0;
  private next: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly queue: () => Queue | null,
    private readonly told: (outcome: Outcome) => void,
  ) {
    addEventListener("online", () => this.afresh()); // said often before it is true: then it is tried again soon
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.soon(0));
  }

  private afresh(): void {
    this.tries = 0;
    this.soon(0);
  }

  soon(pause = SOON_MS): void {
    clearTimeout(this.next);
    this.next = setTimeout(() => void this.now(), pause);
  }

  async now(): Promise<void> {
    clearTimeout(this.next);
    const queue = this.queue();
    if (!queue) return;
    const outcome = await queue.send();
    this.told(outcome);
    this.tries = outcome === "sent" ? 0 : this.tries + 1;
    if (outcome === "away" || outcome === "busy") this.soon(PAUSES_MS[Math.min(this.tries - 1, PAUSES_MS.length - 1)] ?? 0);
  }
}

/** One tab at a time; where the browser has no locks, the server's own numbers keep things right. */
export async function alone<T>(work: () => Promise<T>): Promise<T | null> {
  if (!navigator.locks) return work();
  return navigator.locks.request("firstbell-scan-send", { ifAvailable: true }, (lock) => (lock ? work() : null));
}

/** Everything that is still here, as a file that somebody can take elsewhere. */
export function exportFile(kept: Kept[]): void {
  const content = JSON.stringify({ firstbell: "unsent scans", made_at: new Date().toISOString(), scans: kept }, null, 1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  link.download = `firstbell-scans-${new Date().toISOString().slice(0, 10)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
