// What counts as a field somebody types in.
const NOT_TYPED = new Set(["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit", "hidden"]);

export type TextField = HTMLInputElement | HTMLTextAreaElement;

export function textField(target: EventTarget | null): TextField | null {
  if (target instanceof HTMLTextAreaElement) return target;
  return target instanceof HTMLInputElement && !NOT_TYPED.has(target.type) ? target : null;
}

/** True where a letter key writes or chooses something by itself. */
export function takesKeys(target: EventTarget | null): boolean {
  return textField(target) !== null || target instanceof HTMLSelectElement || (target instanceof HTMLElement && target.isContentEditable);
}

export function openDialog(): HTMLDialogElement | null {
  return document.querySelector<HTMLDialogElement>("dialog[open]");
}
