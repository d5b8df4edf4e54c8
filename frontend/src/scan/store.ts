// The phone's own store: scans by person and number, numbers by person, and what the phone may know for a day.
//
// Only ever add stores and fields here: an older page may still run beside a newer one. Scans are never deleted except
// when the server has answered for them.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { newOp } from "../op";
import type { Draft, Kept, Store } from "./queue";
import type { Thing } from "./things";

interface Install {
  owner: string;
  install: string;
  next: number;
}

interface Tables extends DBSchema {
  scans: { key: [string, number]; value: Kept };
  installs: { key: string; value: Install };
  things: { key: string; value: Thing };
  about: { key: string; value: { key: string; value: string } };
}

type Database = IDBPDatabase<Tables>;
const NAME = "firstbell-scan";
const ALL_OF = (owner: string): IDBKeyRange => IDBKeyRange.bound([owner, 0], [owner, Number.MAX_SAFE_INTEGER]);

export async function open(): Promise<PhoneStore> {
  const base = await openDB<Tables>(NAME, 1, {
    upgrade(fresh) {
      fresh.createObjectStore("scans", { keyPath: ["owner", "seq"] });
      fresh.createObjectStore("installs", { keyPath: "owner" });
      fresh.createObjectStore("things", { keyPath: "code" });
      fresh.createObjectStore("about", { keyPath: "key" });
    },
  });
  return new PhoneStore(base);
}

export class PhoneStore implements Store {
  constructor(private readonly base: Database) {}

  async append(owner: string, draft: Draft): Promise<Kept> {
    const work = this.base.transaction(["scans", "installs"], "readwrite", { durability: "strict" });
    try {
      const known = (await work.objectStore("installs").get(owner)) ?? { owner, install: newOp(), next: 1 };
      const kept: Kept = { ...draft, owner, install: known.install, seq: known.next, state: "new" };
      await Promise.all([
        work.objectStore("scans").add(kept),
        work.objectStore("installs").put({ ...known, next: known.next + 1 }),
        work.done,
      ]);
      return kept;
    } catch (error) {
      work.done.catch(() => undefined);
      abort(work);
      throw error;
    }
  }

  async claim(owner: string, most: number): Promise<Kept[]> {
    const work = this.base.transaction("scans", "readwrite");
    const rows = (await work.store.getAll(ALL_OF(owner))).filter((row) => row.state !== "refused").slice(0, most);
    const fresh = rows.filter((row) => row.state === "new").map((row) => ({ ...row, state: "tried" as const }));
    await Promise.all([...fresh.map((row) => work.store.put(row)), work.done]);
    return rows.map((row) => ({ ...row, state: "tried" }));
  }

  async takeBack(owner: string, seq: number): Promise<boolean> {
    const work = this.base.transaction("scans", "readwrite");
    const row = await work.store.get([owner, seq]);
    const untried = row?.state === "new";
    if (row && untried) await work.store.put({ ...row, verb: "undone", said: {} });
    await work.done;
    return untried;
  }

  async refuse(owner: string, seqs: number[]): Promise<void> {
    const work = this.base.transaction("scans", "readwrite");
    for (const seq of seqs) {
      const row = await work.store.get([owner, seq]);
      if (row) await work.store.put({ ...row, state: "refused" });
    }
    await work.done;
  }

  async finish(owner: string, seqs: number[]): Promise<void> {
    const work = this.base.transaction("scans", "readwrite");
    await Promise.all([...seqs.map((seq) => work.store.delete([owner, seq])), work.done]);
  }

  all(): Promise<Kept[]> {
    return this.base.getAll("scans");
  }

  // --- What the phone knows ----------------------------------------------------------------------------------------

  things(): Promise<Thing[]> {
    return this.base.getAll("things");
  }

  async learn(things: Thing[], afresh: boolean): Promise<void> {
    const work = this.base.transaction("things", "readwrite");
    if (afresh) await work.store.clear();
    await Promise.all([...things.map((thing) => work.store.put(thing)), work.done]);
  }

  async read(key: string): Promise<string> {
    return (await this.base.get("about", key))?.value ?? "";
  }

  async write(key: string, value: string): Promise<void> {
    await this.base.put("about", { key, value });
  }
}

function abort(work: { abort(): void }): void {
  try {
    work.abort();
  } catch {
    // It has ended already.
  }
}
