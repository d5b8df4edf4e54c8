// A homeroom's list on the phone: whose turn it is. Names live in the page's memory; the phone keeps numbers and states.
import type { Act, Hand } from "./modes";
import type { Kept } from "./queue";
import { say } from "./say";
import type { PhoneStore } from "./store";
import type { Server } from "./sync";

export interface Student {
  person: number;
  /** The handle by which the phone knows the owner of a device, today. */
  who: string;
  name?: string;
  state: "waits" | "given" | "has" | "skipped";
}

export interface HomeroomList {
  until: string;
  title: string;
  students: Student[];
}

const STATES: Record<string, Student["state"]> = { hand_out: "given", skip: "skipped", undo_hand_out: "waits" };

export function nextOf(hand: Hand): Student | undefined {
  const late = hand.list?.find((one) => one.person === hand.late);
  return late ?? hand.list?.find((one) => one.state === "waits");
}

export class Turns {
  private group = "";
  private list: HomeroomList | null = null;
  /** Counts what happened here, so that an answer from before it is known to be old. */
  private changes = 0;

  constructor(
    private readonly server: Server,
    private readonly store: PhoneStore,
  ) {}

  get students(): readonly Student[] | undefined {
    return this.list?.students;
  }

  get title(): string {
    return this.list?.title ?? "";
  }

  /** What was kept of a homeroom's list, for a day at most. */
  async wake(group: string): Promise<void> {
    if (group === this.group) return;
    this.group = group;
    const kept = JSON.parse((await this.store.read("list")) || "null") as (HomeroomList & { group: string }) | null;
    this.list = kept?.group === group && Date.parse(kept.until) > Date.now() ? kept : null;
  }

  /** Asks the server; what waits here and has not arrived is added to what it knows. */
  async renew(owner: string): Promise<void> {
    if (!this.group) return;
    const before = this.changes;
    const told = await this.server.turns(this.group);
    if (!told) return;
    if (before !== this.changes) return this.renew(owner);
    this.list = told;
    const waiting = (await this.store.all()).filter((kept) => kept.owner === owner && kept.state !== "refused");
    for (const kept of waiting) this.put(kept);
    await this.keep();
  }

  /** The server has answered for something: a list asked for before may not know of it. */
  changed(): void {
    this.changes += 1;
  }

  /** Notes what an act does to somebody's turn; false when it is about nobody here. */
  async mark(act: Act | Kept, back = false): Promise<boolean> {
    this.changes += 1;
    if (!this.put(act, back)) return false;
    await this.keep();
    return true;
  }

  private put(act: Act | Kept, back = false): boolean {
    const state = STATES[act.verb];
    const mine = String(act.said["group"] ?? "") === this.group;
    const one = mine && state ? this.list?.students.find((each) => each.person === act.said["person_id"]) : undefined;
    if (one && state) one.state = back ? "waits" : state;
    return Boolean(one);
  }

  /** The name of whom an act is about, or their number on the list where the name is not known. */
  name(act: Act): string {
    const place = this.list?.students.findIndex((one) => one.person === act.said["person_id"]) ?? -1;
    return place < 0 ? "" : this.nameOf(this.list?.students[place] as Student);
  }

  nameOf(one: Student): string {
    return one.name ?? say("student", { n: (this.list?.students.indexOf(one) ?? 0) + 1 });
  }

  async forget(): Promise<void> {
    this.list = null;
    this.group = "";
    await this.store.write("list", "").catch(() => undefined);
  }

  private async keep(): Promise<void> {
    if (!this.list) return;
    const students = this.list.students.map(({ person, who, state }) => ({ person, who, state }));
    const kept = JSON.stringify({ until: this.list.until, title: "", students, group: this.group });
    await this.store.write("list", kept).catch(() => undefined);
  }
}
