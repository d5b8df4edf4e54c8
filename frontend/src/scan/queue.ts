// The queue of scans: kept first, numbered in order, sent in batches, never lost and never doubled.
//
// Nothing here knows the page, the browser's store or the network: they are handed in, so that the very same code runs
// in a simulation. A scan goes "new" -> "tried" (it may have arrived: it can no longer be changed) -> answered and gone.
// A scan that the server can't read is "refused": it stays here, is shown and can be exported.

/** Codes and choices of a scan, by the names that the server knows. */
export type Said = Record<string, string | number>;

export interface Draft {
  op: string;
  /** Milliseconds by this device's clock. */
  at: number;
  verb: string;
  said: Said;
}

export interface Kept extends Draft {
  owner: string;
  install: string;
  seq: number;
  state: "new" | "tried" | "refused";
}

export interface Answer {
  op: string;
  seq: number;
  state: "applied" | "held" | "conflict";
  code: string;
  sentence: string;
}

/** Where scans are kept. Each call is one transaction: it happens as a whole or not at all. */
export interface Store {
  /** Gives the next number and keeps the scan. Rejects, with nothing kept and no number used, when it is full. */
  append(owner: string, draft: Draft): Promise<Kept>;
  /** The first scans in order; from now on they count as tried. */
  claim(owner: string, most: number): Promise<Kept[]>;
  /** A scan that was never tried becomes nothing, in its place in the order. False when it was tried. */
  takeBack(owner: string, seq: number): Promise<boolean>;
  refuse(owner: string, seqs: number[]): Promise<void>;
  finish(owner: string, seqs: number[]): Promise<void>;
  all(): Promise<Kept[]>;
}

export interface Batch {
  install: string;
  sent_at: string;
  scans: Record<string, unknown>[];
}

export type Reply =
  | { kind: "answers"; answers: Answer[] }
  | { kind: "unreadable"; scans: number[] }
  | { kind: "away" | "signed_out" | "denied" | "other_phone" };

/** What became of sending: everything is sent, or why not. */
export type Outcome = "sent" | "busy" | "away" | "signed_out" | "denied" | "other_phone";

export interface Ports {
  store: Store;
  post(batch: Batch): Promise<Reply>;
  now(): number;
  /** False while there is surely no network: then nothing counts as tried, and a scan can still be taken back. */
  reachable(): boolean;
  /** Runs the work unless another tab of this device is sending; then it answers null. */
  alone<T>(work: () => Promise<T>): Promise<T | null>;
  answered(kept: Kept, answer: Answer): void;
}

export const BATCH = 50;

export class Queue {
  constructor(
    readonly owner: string,
    private readonly ports: Ports,
  ) {}

  keep(draft: Draft): Promise<Kept> {
    return this.ports.store.append(this.owner, draft);
  }

  takeBack(seq: number): Promise<boolean> {
    return this.ports.store.takeBack(this.owner, seq);
  }

  /** Sends what waits, the oldest first, until nothing waits or it can't go on. */
  async send(): Promise<Outcome> {
    return (await this.ports.alone(() => this.drain())) ?? "busy";
  }

  private async drain(): Promise<Outcome> {
    for (;;) {
      if (!this.ports.reachable()) return "away";
      const waiting = await this.ports.store.claim(this.owner, BATCH);
      const first = waiting[0];
      if (!first) return "sent";
      const batch = waiting.filter((kept) => kept.install === first.install);
      const reply = await this.ports.post(this.batch(first.install, batch));
      const stop = await this.settle(batch, reply);
      if (stop) return stop;
    }
  }

  private batch(install: string, kept: Kept[]): Batch {
    const scans = kept.map(({ op, seq, at, verb, said }) => ({ ...said, op, seq, verb, happened_at: iso(at) }));
    return { install, sent_at: iso(this.ports.now()), scans };
  }

  private async settle(batch: Kept[], reply: Reply): Promise<Outcome | null> {
    if (reply.kind === "answers") return this.finish(batch, reply.answers);
    if (reply.kind !== "unreadable") return reply.kind;
    const faulty = batch.filter((_kept, place) => reply.scans.includes(place)).map((kept) => kept.seq);
    await this.ports.store.refuse(this.owner, faulty);
    return faulty.length ? null : "away";
  }

  private async finish(batch: Kept[], answers: Answer[]): Promise<Outcome | null> {
    const told = new Map(answers.map((answer) => [answer.op, answer]));
    const done = batch.filter((kept) => told.has(kept.op));
    await this.ports.store.finish(this.owner, done.map((kept) => kept.seq));
    for (const kept of done) this.ports.answered(kept, told.get(kept.op) as Answer);
    return done.length ? null : "away";
  }
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}
