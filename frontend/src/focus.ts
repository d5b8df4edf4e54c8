// After a page with errors, the focus is on the list of them; a menu closes when the focus leaves it.
export function startFocus(): void {
  const first = document.querySelector<HTMLElement>("[data-focus]");
  first?.focus();
  if (first instanceof HTMLInputElement && first.dataset["scan"] === "here") first.select(); // the next scan takes its place
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("focusin", (event) => close(event.target));
  document.addEventListener("keydown", (event) => event.key === "Escape" && close(null));
}

function close(target: EventTarget | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!(target instanceof Node && menu.contains(target))) {
      const back = target === null && menu.contains(document.activeElement);
      menu.open = false;
      if (back) menu.querySelector("summary")?.focus();
    }
  }
}
