// <button data-copy="L-0142">: one tap copies, the button says so for two seconds.
import { notify } from "./notify";
import { word } from "./words";

const SHOWN_MS = 2000;

export function startCopy(): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-copy]") : null;
    if (button) void copy(button);
  });
}

async function copy(button: HTMLElement): Promise<void> {
  const text = button.dataset["copy"] ?? "";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    select(button);
    return;
  }
  button.dataset["copied"] = "";
  const said = notify(`${word("copied")}: ${text}`, "fine");
  setTimeout(() => {
    delete button.dataset["copied"];
    said?.remove();
  }, SHOWN_MS);
}

/** Without the right to write to the clipboard the text is at least selected. */
function select(button: HTMLElement): void {
  const range = document.createRange();
  range.selectNodeContents(button.querySelector("bdi") ?? button);
  getSelection()?.removeAllRanges();
  getSelection()?.addRange(range);
}
