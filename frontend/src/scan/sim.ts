// The real queue, driven line by line from outside, so that a seeded network can stand between it and the real server.
//
// In: {do: "new" | "scan" | "undo" | "send" | "restart" | "rest", phone, ...} or {reply, to}. Out: {post, batch, phone} when
// the queue wants to send, {done, result} when a command is through.
import { MemoryStore } from "./memory";
import { type Batch, type Kept, Queue, type Reply } from "./queue";

declare const process: { stdin: { on(event: "data" | "end", does: (chunk: string) => void): void; setEncoding(code: string): void }; stdout: { write(text: string): void }; exit(): void };

interface Command {
  do: "new" | "scan" | "undo" | "send" | "restart" | "rest";
  id: number;
  phone: string;
  now?: number;
  locks?: boolean;
  install?: string;
  op?: string;
  verb?: string;
  said?: Record<string, string>;
}

const OWNER = "somebody";
const out = (what: unknown): void => process.stdout.write(`${JSON.stringify(what)}\n`);
const asked = new Map<number, (reply: Reply) => void>();
const phones = new Map<string, Phone>();
let posts = 0;

class Phone {
  now = 0;
  private readonly store: MemoryStore;
  private queue: Queue;
  private sending = false;
  private readonly made = new Map<string, number>();

  constructor(
    private readonly name: string,
    install: string,
    private readonly locks: boolean,
  ) {
    this.store = new MemoryStore(install);
    this.queue = this.wake();
  }

  /** The app was closed or died: what was under way never ends, what was kept is still there. */
  restart(): void {
    this.sending = false;
    this.queue = this.wake();
  }

  private wake(): Queue {
    return new Queue(OWNER, {
      store: this.store,
      post: (batch) => this.post(batch),
      now: () => this.now,
      reachable: () => true,
      alone: (work) => this.alone(work),
      answered: () => undefined,
    });
  }

  private post(batch: Batch): Promise<Reply> {
    const to = ++posts;
    out({ post: to, phone: this.name, batch });
    return new Promise((resolve) => asked.set(to, resolve));
  }

  private async alone<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.locks && this.sending) return null;
    this.sending = true;
    const result = await work();
    this.sending = false;
    return result;
  }

  async scan(command: Command): Promise<number> {
    const kept = await this.queue.keep({ op: command.op ?? "", at: this.now, verb: command.verb ?? "", said: command.said ?? {} });
    this.made.set(kept.op, kept.seq);
    return kept.seq;
  }

  undo(op: string): Promise<boolean> {
    return this.queue.takeBack(this.made.get(op) ?? 0);
  }

  send(): Promise<string> {
    return this.queue.send();
  }

  rest(): Promise<Kept[]> {
    return this.store.all();
  }
}

async function run(command: Command): Promise<unknown> {
  if (command.do === "new") phones.set(command.phone, new Phone(command.phone, command.install ?? "", command.locks ?? true));
  const phone = phones.get(command.phone) as Phone;
  phone.now = command.now ?? phone.now;
  if (command.do === "scan") return phone.scan(command);
  if (command.do === "undo") return phone.undo(command.op ?? "");
  if (command.do === "send") return phone.send();
  if (command.do === "restart") return phone.restart();
  return command.do === "rest" ? (await phone.rest()).length : null;
}

function hear(line: string): void {
  const said = JSON.parse(line) as Command & { reply?: Reply; to?: number };
  if (said.reply) {
    asked.get(said.to ?? 0)?.(said.reply);
    asked.delete(said.to ?? 0);
    return;
  }
  void run(said).then((result) => out({ done: said.id, result: result ?? null }));
}

let rest = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop() ?? "";
  lines.forEach(hear);
});
process.stdin.on("end", () => process.exit());
