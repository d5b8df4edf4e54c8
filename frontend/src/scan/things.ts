// What the phone knows of the things with a code: tags, opaque handles and states, for a day at most. No names of people.
export interface Thing {
  kind: "device" | "place" | "shipment";
  code: string;
  label?: string;
  status?: string;
  loaner?: boolean;
  /** Handles: the same one twice is the same person; who it is, the phone doesn't know. */
  owner?: string;
  holder?: string;
  place?: string;
  shipment?: string;
  /** Repaired, and back at its school. */
  ready?: boolean;
  name?: string;
  what?: string;
  site?: string;
  devices?: number;
}

/** What was read: what it says, and what it is as far as that is known. */
export interface Read {
  code: string;
  kind: Thing["kind"] | "unknown";
  thing: Thing | undefined;
}

const BY_ADDRESS: Record<string, Thing["kind"]> = { r: "place", d: "device", devices: "device", places: "place", boxes: "place", shipments: "shipment" };

/** The code in what was scanned: the last part of a label's address, else the text itself. */
export function codeIn(text: string): { code: string; hint: Thing["kind"] | undefined } {
  const plain = text.trim();
  if (!plain.includes("://") && !plain.startsWith("/")) return { code: tidy(plain), hint: undefined };
  const parts = plain.replace(/^[a-z]+:\/\/[^/]*/i, "").split(/[?#]/)[0]?.split("/").filter(Boolean) ?? [];
  return { code: tidy(decode(parts.at(-1) ?? plain)), hint: BY_ADDRESS[(parts[0] ?? "").toLowerCase()] };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function tidy(text: string): string {
  return text.normalize("NFKC").replace(/[\s\u00ad\u200b-\u200f\u2060\ufeff]+/g, "").toUpperCase().slice(0, 200);
}

export class Known {
  private readonly byCode = new Map<string, Thing>();

  learn(things: Thing[], afresh: boolean): void {
    if (afresh) this.byCode.clear();
    for (const thing of things) {
      this.byCode.set(thing.code.toUpperCase(), thing);
      if (thing.label) this.byCode.set(thing.label.toUpperCase(), thing);
    }
  }

  forget(): void {
    this.byCode.clear();
  }

  find(code: string): Thing | undefined {
    return this.byCode.get(code.toUpperCase());
  }

  read(text: string): Read {
    const { code, hint } = codeIn(text);
    const thing = this.find(code);
    return { code: thing?.code ?? code, kind: thing?.kind ?? hint ?? "unknown", thing };
  }

  /** What somebody would call it. */
  name(code: string): string {
    return this.find(code)?.name ?? code;
  }
}
