// Where the sections are wider than the screen, the current one is in view.
export function startBeside(): void {
  for (const here of document.querySelectorAll(":is(.sections, .board-nav) [aria-current]")) {
    here.scrollIntoView({ block: "nearest", inline: "center" });
  }
}
