// Every write carries an operation id made here, so that sending it twice has the effect of once.
export function newOp(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // plain http on a school's own network
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function fillOps(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLInputElement>('input[type="hidden"][name="op"]')) {
    if (!field.value) field.value = newOp();
  }
}

export function renewOp(form: Element): void {
  const field = form.querySelector<HTMLInputElement>('input[type="hidden"][name="op"]');
  if (field) field.value = newOp();
}
