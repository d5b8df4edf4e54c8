// The scan page: what is read is decided (modes), kept (queue), shown (view) and sent (sync), in this order.
import { newOp } from "../op";
import { type Act, type Hand, MODES, type Mode, type Offer, after, inverse, modeCalled, skip, step, usable, ways } from "./modes";
import { type Answer, type Kept, type Outcome, Queue } from "./queue";
import { count, say } from "./say";
import * as sounds from "./sounds";
import { type PhoneStore, open } from "./store";
import { Knowledge, Sender, Server, alone, exportFile } from "./sync";
import { about, sentence, turnParts } from "./telling";
import { Known, type Read, type Thing } from "./things";
import { Turns } from "./turns";
import * as view from "./view";

interface Done {
  kept: Kept;
  act: Act;
  before: Thing | undefined;
  sent: boolean;
}

const NOBODY = "nobody";
const SETTLE_MS = 450;

export async function startScanPage(): Promise<void> {
  if (!document.getElementById("scan-words")) return;
  try {
    await new ScanPage(await open()).start();
  } catch {
    view.banner("store", say("noStore"), "late");
  }
}

class ScanPage {
  private readonly known = new Known();
  private readonly server = new Server();
  private readonly knowledge: Knowledge;
  private readonly turns: Turns;
  private readonly sender: Sender;
  private queue: Queue | null = null;
  private mode: Mode = modeCalled("look");
  private hand: Hand = {};
  private offer: Offer | null = null;
  private done: Done[] = [];
  private readonly said = new Set<string>();
  private verbs: string[] = [];
  private readonly sets = new Map<string, string>();
  private chain: Promise<void> = Promise.resolve();
  private online = true;
  private mine = 0;
  private refusedSince = false;
  private closeCamera: (() => void) | null = null;

  constructor(private readonly store: PhoneStore) {
    this.knowledge = new Knowledge(this.server, store, this.known);
    this.turns = new Turns(this.server, store);
    this.sender = new Sender(() => this.queue, (outcome) => void this.told(outcome));
  }

  /** A scan made meanwhile waits until it is known whose phone this is: at the first visit the server has to say. */
  async start(): Promise<void> {
    this.listen();
    const woken = this.wake();
    this.chain = woken.then(() => undefined);
    const stranger = await woken;
    if (!stranger) await this.meet();
    const place = new URLSearchParams(location.search).get("place");
    if (place && !this.hand.spot) this.later(() => this.take(place, performance.now()));
    document.documentElement.dataset["scanReady"] = "";
  }

  private async wake(): Promise<boolean> {
    await this.knowledge.wake();
    const who = await this.store.read("who");
    this.use(who || NOBODY);
    await this.led();
    await this.recount();
    if (!who) await this.meet();
    return !who;
  }

  /** Another page may lead here with a mode and what it is about; both are remembered over a restart. */
  private async led(): Promise<void> {
    this.verbs = (await this.store.read("verbs")).split(" ");
    const wanted = new URLSearchParams(location.search);
    const mode = wanted.get("mode");
    if (mode) await this.store.write("mode", mode).catch(() => undefined);
    if (mode && wanted.get("set")) await this.store.write(`set:${mode}`, wanted.get("set") ?? "").catch(() => undefined);
    for (const { key } of MODES.filter((each) => each.set)) this.sets.set(key, await this.store.read(`set:${key}`));
    await this.turns.wake(this.sets.get("hand_out") ?? "");
    this.choose((mode ?? (await this.store.read("mode"))) || "look");
  }

  private listen(): void {
    document.addEventListener("firstbell:scan", (event) => {
      const from = performance.now();
      event.preventDefault();
      const code = (event as CustomEvent<{ code: string }>).detail.code;
      this.chain = this.chain.then(() => this.take(code, from));
    });
    document.addEventListener("keydown", (event) => this.key(event), { capture: true });
    const on = (id: string, does: () => void): void => document.getElementById(id)?.addEventListener("click", does);
    on("undo", () => this.later(() => this.undo()));
    on("mute", () => this.mute(!sounds.muted()));
    on("camera", () => void this.camera());
    on("export", () => void this.store.all().then((kept) => exportFile(kept)));
    on("sign-out", () => void this.signOut());
    on("sign-out-all-the-same", () => void this.leave());
    addEventListener("online", () => void this.meet());
    addEventListener("pageshow", (event) => event.persisted && void this.meet());
    this.mute(sounds.muted());
  }

  private later(does: () => Promise<void>): void {
    this.chain = this.chain.then(does);
  }

  // --- Who ---------------------------------------------------------------------------------------------------------

  /** Asks whose session it is. Scans of somebody else stay apart: each person has an own row of numbers. */
  private async meet(): Promise<void> {
    const person = await this.server.person();
    if (typeof person === "string") {
      await this.told(person);
      return;
    }
    view.banner("session", "");
    await this.hear(person.verbs);
    if (this.queue?.owner !== person.who) {
      await this.knowledge.forget();
      await this.turns.forget();
      await this.turns.wake(this.sets.get("hand_out") ?? "");
      await this.store.write("who", person.who).catch(() => undefined);
      this.use(person.who);
    }
    await this.knowledge.renew(true);
    await this.look();
    await this.recount();
    await this.sender.now();
  }

  /** The server says what it can do; a mode that somebody was led to may become usable by this. */
  private async hear(verbs: string[]): Promise<void> {
    if (verbs.join(" ") === this.verbs.join(" ")) return;
    this.verbs = verbs;
    await this.store.write("verbs", verbs.join(" ")).catch(() => undefined);
    this.choose(new URLSearchParams(location.search).get("mode") ?? this.mode.key);
  }

  private use(owner: string): void {
    this.done = [];
    this.queue = new Queue(owner, {
      store: this.store,
      post: (batch) => this.server.post(batch),
      now: () => Date.now(),
      reachable: () => navigator.onLine,
      alone,
      answered: (kept, answer) => this.answered(kept, answer),
    });
  }

  // --- A scan ------------------------------------------------------------------------------------------------------

  private async take(text: string, from: number): Promise<void> {
    const read = this.known.read(text);
    if (!read.code) return;
    if (this.queue?.owner === NOBODY) return this.refuse(read.code, say("signInFirst"));
    const next = step(this.mode, this.hand, read, this.offer !== null);
    if (next.kind === "does") await this.keep(next.act, read);
    else if (next.kind === "confirms") await this.confirm();
    else if (next.kind === "first") this.refuse(read.code, this.offer ? say("confirmFirst") : say(`first_${this.mode.key}`));
    else if (next.kind === "held") this.holds(next.hand, next.read);
    else if (next.kind === "offers") this.offers(next.hand, next.offer, next.read);
    else await this.tell(next.read);
    performance.measure("scan", { start: from, end: performance.now(), detail: read.code });
  }

  private holds(hand: Hand, read: Read): void {
    if (hand.spot) this.said.clear();
    this.hand = hand;
    sounds.good();
    view.clearNext();
    view.showLast({ code: this.known.name(read.code), text: this.about(read), signal: "fine" });
    this.showHand();
  }

  private offers(hand: Hand, offer: Offer, read: Read): void {
    this.hand = hand;
    this.offer = offer;
    sounds.good();
    view.showLast({ code: read.code, text: this.about(read), signal: "fine" });
    this.showHand();
    const confirm = (choice: string): void => this.later(() => this.confirm(choice));
    view.showOffer(offer, offer.act.said, confirm, () => this.cancel());
  }

  private async confirm(choice = ""): Promise<void> {
    const offer = this.offer;
    if (!offer) return;
    const said = offer.choice && choice ? { ...offer.act.said, [offer.choice.field]: choice } : offer.act.said;
    this.cancel();
    await this.keep({ verb: offer.act.verb, said }, this.known.read(String(said["device"] ?? "")));
  }

  private cancel(): void {
    this.offer = null;
    this.hand = { ...this.empty(), ...(this.hand.spot ? { spot: this.hand.spot } : {}) };
    view.clearNext();
    this.showHand();
  }

  private async tell(read: Read): Promise<void> {
    const unknown = read.kind === "unknown";
    view.showLast({ code: this.known.name(read.code), text: this.about(read), signal: unknown ? "soon" : "fine" });
    this.showWays(read);
    if (!unknown) sounds.good();
    else void this.askAbout(read);
  }

  /** A code that the phone does not know is asked for, when there is a network; the scan doesn't wait for it. */
  private async askAbout(read: Read): Promise<void> {
    const news = await this.knowledge.askAbout(read.code);
    if (news) await this.tell(this.known.read(read.code));
    else sounds.bad();
  }

  private showWays(read: Read): void {
    const go = ways(read).map((key) =>
      view.button(modeCalled(key).icon, say(`mode_${key}`), () => {
        this.choose(key);
        this.later(() => this.take(read.code, performance.now()));
      }),
    );
    const page = view.button("external", say("openPage"), () => location.assign(`/scan?code=${encodeURIComponent(read.code)}`));
    view.showWays(read.kind === "unknown" && !this.online ? [] : [...(read.kind === "unknown" ? [] : go), page]);
  }

  private async keep(act: Act, read: Read): Promise<void> {
    const same = JSON.stringify(act);
    if (act.verb !== "skip" && this.said.has(same)) {
      sounds.good();
      view.showLast({ code: read.code, text: say("already"), signal: "soon" });
      return;
    }
    const kept = await this.append(act, read);
    if (!kept) return;
    this.said.add(same);
    this.done.push({ kept, act, before: read.thing, sent: false });
    if (read.thing) this.known.learn([after(act, read.thing)], false);
    if (await this.turns.mark(act)) this.showTurns();
    sounds.good();
    const row = { code: this.known.name(read.code), text: sentence(act, this.known, this.turns.name(act)), signal: "fine" as const };
    view.showLast(row);
    view.addRow(kept.op, row);
    this.mine += 1;
    this.showState();
    this.showTaps(act);
    this.sender.soon();
  }

  private async append(act: Act, read: Read): Promise<Kept | null> {
    try {
      const kept = await (this.queue as Queue).keep({ op: newOp(), at: Date.now(), ...act });
      if (this.refusedSince) view.banner("full", "");
      void navigator.storage?.persist?.();
      return kept;
    } catch {
      this.refusedSince = true;
      view.banner("full", say("full"), "late");
      this.refuse(read.code, say("notKept"));
      return null;
    }
  }

  private showTaps(act: Act): void {
    const taps = this.mode.taps ?? [];
    view.showTaps(taps, (tap) => this.later(() => this.keep(tap.act(act), this.known.read(String(act.said["device"] ?? "")))));
  }

  private refuse(code: string, text: string): void {
    sounds.bad();
    view.showLast({ code, text, signal: "late" });
  }

  // --- Undo --------------------------------------------------------------------------------------------------------

  private async undo(): Promise<void> {
    const last = this.done.at(-1);
    if (!last || !this.queue) return;
    this.said.delete(JSON.stringify(last.act));
    const code = this.known.name(String(last.act.said["device"] ?? last.act.said["place"] ?? ""));
    if (!last.sent && (await this.queue.takeBack(last.kept.seq))) this.undone(last, say("takenBack"));
    else await this.reverse(last, code);
  }

  /** What has been sent may be done already: only what can be undone honestly is. */
  private async reverse(last: Done, code: string): Promise<void> {
    const back = inverse(last.act, last.before);
    if (!back) {
      this.refuse(code, say("cannotUndo"));
      return;
    }
    this.done.pop();
    await this.keep(back, { ...this.known.read(code), code: code || this.turns.name(back) });
    this.said.delete(JSON.stringify(back));
    this.done.pop();
    view.markRow(last.kept.op, "undone");
    this.showState();
  }

  private undone(last: Done, text: string): void {
    this.done.pop();
    if (last.before) this.known.learn([last.before], false);
    void this.turns.mark(last.act, true).then((mine) => mine && this.showTurns());
    sounds.good();
    view.showLast({ code: this.known.name(String(last.act.said["device"] ?? "")) || this.turns.name(last.act), text, signal: "soon" });
    view.markRow(last.kept.op, "undone");
    view.clearNext();
    this.showState();
  }

  // --- Sending -----------------------------------------------------------------------------------------------------

  private answered(kept: Kept, answer: Answer): void {
    for (const done of this.done) if (done.kept.op === kept.op) done.sent = true;
    this.turns.changed();
    if (kept.verb !== "undone") view.markRow(kept.op, answer.state, answer.state === "conflict" ? answer.sentence : "");
    if (answer.state !== "conflict") return;
    void this.turns.mark(kept, true).then((mine) => mine && this.showTurns());
    sounds.bad();
    view.banner("conflicts", say("conflicts"), "late", { href: "/scan/conflicts", text: say("seeConflicts") });
  }

  private async told(outcome: Outcome): Promise<void> {
    this.online = outcome === "sent" || outcome === "busy";
    const back = encodeURIComponent("/scan/line");
    const text = { signed_out: say("signInAgain"), denied: say("denied"), other_phone: say("otherPhone") }[outcome as string] ?? "";
    if (outcome !== "busy") view.banner("session", text, "late", outcome === "signed_out" ? { href: `/sign-in?next=${back}`, text: say("signIn") } : undefined);
    view.banner("away", outcome === "away" ? say("away") : "");
    await this.recount();
    if (outcome !== "sent") return;
    void this.knowledge.renew();
    void this.look();
  }

  private async recount(): Promise<void> {
    const kept = await this.store.all();
    this.mine = kept.filter((row) => row.owner === this.queue?.owner).length;
    const others = kept.length - this.mine;
    view.banner("others", others ? count("others", others) : "");
    const unreadable = kept.filter((row) => row.state === "refused");
    view.banner("unreadable", unreadable.length ? count("unreadable", unreadable.length) : "", "late");
    for (const row of unreadable) view.markRow(row.op, "refused");
    this.showState();
  }

  // --- Log-out -----------------------------------------------------------------------------------------------------

  private async signOut(): Promise<void> {
    await this.sender.now();
    await this.recount();
    const dialog = document.getElementById("leaving") as HTMLDialogElement;
    if (!this.mine) return this.leave();
    (document.getElementById("leaving-count") as HTMLElement).textContent = count("leaving", this.mine);
    dialog.showModal();
  }

  /** Signs out: what the phone knows is forgotten, what it has to send is kept. */
  private async leave(): Promise<void> {
    await this.knowledge.forget();
    await this.turns.forget();
    const person = await this.server.person();
    const form = document.getElementById("sign-out-form") as HTMLFormElement;
    (form.elements.namedItem("csrfmiddlewaretoken") as HTMLInputElement).value = this.server.token;
    if (typeof person === "string") await this.told(person);
    else form.submit();
  }

  // --- Around it ---------------------------------------------------------------------------------------------------

  private choose(key: string): void {
    this.mode = modeCalled(key);
    if (!usable(this.verbs, this.sets).includes(this.mode)) this.mode = modeCalled("look");
    this.hand = this.empty();
    this.offer = null;
    this.said.clear();
    view.showModes(usable(this.verbs, this.sets), this.mode, (chosen) => this.choose(chosen));
    void this.look();
    view.clearNext();
    this.showHand();
    this.showState();
    void this.store.write("mode", this.mode.key).catch(() => undefined);
  }

  private showHand(): void {
    const held = [this.hand.spot, this.hand.device, this.hand.loaner].flatMap((read) => read ?? []);
    const names = held.map((read) => this.known.name(read.code)).join(" + ");
    const stage = this.hand.device && this.hand.loaner ? "both" : this.hand.spot ? "spot" : this.hand.device ? "device" : this.hand.loaner ? "loaner" : "empty";
    const next = say(`next_${this.mode.key}_${stage}`) || say(`next_${this.mode.key}_empty`);
    view.showHand(names, next, held.length ? () => this.putDown() : null, [...this.turnParts(), ...this.homePart()]);
  }

  private homePart(): HTMLElement[] {
    const href = this.mode.home?.(this.hand.set ?? "");
    return href ? [view.home(href, say(`home_${this.mode.key}`))] : [];
  }

  // --- A homeroom's turns ------------------------------------------------------------------------------------------

  /** Asks for the list anew while devices are handed out: somebody else may hand out to the same homeroom. */
  private async look(): Promise<void> {
    if (this.mode.key !== "hand_out") return;
    await this.turns.wake(this.hand.set ?? "");
    await this.turns.renew(this.queue?.owner ?? NOBODY);
    this.showTurns();
  }

  private showTurns(): void {
    if (this.mode.key !== "hand_out") return;
    const late = this.turns.students?.find((one) => one.person === this.hand.late && one.state === "skipped");
    this.hand = { ...this.empty(), ...(late ? { late: late.person } : {}) };
    this.showHand();
  }

  private turnParts(): HTMLElement[] {
    if (this.mode.key !== "hand_out") return [];
    return turnParts(this.hand, this.turns, { skip: () => this.later(() => this.skip()), here: (person) => this.isHere(person) });
  }

  private async skip(): Promise<void> {
    const act = skip(this.hand);
    if (act) await this.keep(act, { code: this.turns.name(act) || say("nextStudent"), kind: "unknown", thing: undefined });
  }

  private isHere(person: number): void {
    this.hand = { ...this.empty(), late: person };
    this.showHand();
  }

  private empty(): Hand {
    const set = this.sets.get(this.mode.key);
    const list = this.mode.key === "hand_out" ? this.turns.students : undefined;
    return { ...(set ? { set } : {}), ...(list ? { list } : {}) };
  }

  private putDown(): void {
    this.hand = this.empty();
    this.cancel();
  }

  private showState(): void {
    view.showUnsent(this.mine, this.online);
    view.showUndo(this.done.length ? () => undefined : null);
  }

  private about(read: Read): string {
    return about(read, this.known, this.online);
  }

  private mute(yes: boolean): void {
    sounds.mute(yes);
    const place = document.getElementById("mute");
    place?.setAttribute("aria-pressed", String(yes));
  }

  /** Backspace on the empty line takes the last scan back; Escape puts an offer down. */
  private typed = 0;
  private key(event: KeyboardEvent): void {
    const field = event.target instanceof HTMLInputElement && event.target.id === "scan" ? event.target : null;
    if (field?.value) this.typed = event.timeStamp;
    if (event.key === "Escape" && this.offer) this.cancel();
    if (event.key !== "Backspace" || !field || field.value || event.repeat || event.timeStamp - this.typed < SETTLE_MS) return;
    event.preventDefault();
    this.later(() => this.undo());
  }

  private async camera(): Promise<void> {
    const place = document.getElementById("camera") as HTMLElement;
    const video = document.getElementById("video") as HTMLVideoElement;
    const on = this.closeCamera === null;
    this.closeCamera?.();
    this.closeCamera = null;
    video.hidden = !on;
    place.setAttribute("aria-pressed", String(on));
    if (!on) return;
    try {
      const eye = (await import(place.dataset["script"] ?? "")) as typeof import("./camera");
      const decoder = new URL(place.dataset["decoder"] ?? "", location.href).href;
      this.closeCamera = await eye.start(video, decoder, (code) => {
        const from = performance.now();
        this.chain = this.chain.then(() => this.take(code, from));
      });
      view.banner("camera", "");
    } catch {
      video.hidden = true;
      place.setAttribute("aria-pressed", "false");
      view.banner("camera", say("noCamera"));
    }
  }
}
