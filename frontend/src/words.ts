// Sentences that scripts say come from the page, where they are translated.
export function word(name: string): string {
  return document.getElementById("words")?.dataset[name] ?? "";
}
