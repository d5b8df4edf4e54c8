// A store without a browser, for the simulation: it survives its queue as a phone's store survives a restart.
import type { Draft, Kept, Store } from "./queue";

export class MemoryStore implements Store {
  private rows: Kept[] = [];
  private next = 1;

  constructor(private readonly install: string) {}

  async append(owner: string, draft: Draft): Promise<Kept> {
    const kept: Kept = { ...draft, owner, install: this.install, seq: this.next++, state: "new" };
    this.rows.push(kept);
    return kept;
  }

  async claim(owner: string, most: number): Promise<Kept[]> {
    const first = this.rows.filter((row) => row.owner === owner && row.state !== "refused").slice(0, most);
    for (const row of first) row.state = "tried";
    return first.map((row) => ({ ...row }));
  }

  async takeBack(owner: string, seq: number): Promise<boolean> {
    const row = this.rows.find((each) => each.owner === owner && each.seq === seq);
    if (row?.state !== "new") return false;
    Object.assign(row, { verb: "undone", said: {} });
    return true;
  }

  async refuse(owner: string, seqs: number[]): Promise<void> {
    for (const row of this.rows) if (row.owner === owner && seqs.includes(row.seq)) row.state = "refused";
  }

  async finish(owner: string, seqs: number[]): Promise<void> {
    this.rows = this.rows.filter((row) => row.owner !== owner || !seqs.includes(row.seq));
  }

  async all(): Promise<Kept[]> {
    return [...this.rows];
  }
}
