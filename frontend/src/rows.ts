// A table row with data-href opens where its first link goes, wherever in the row the tap lands.
export function startRows(): void {
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest<HTMLElement>("tr[data-href]");
    if (!row || target?.closest("a, button, input, label, select, summary") || !(getSelection()?.isCollapsed ?? true)) return;
    row.querySelector<HTMLAnchorElement>("a[href]")?.click();
  });
}
