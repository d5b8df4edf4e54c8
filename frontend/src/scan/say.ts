// Sentences of the scan page: they come from the page, where they are translated; {names} are filled in here.
type Facts = Record<string, string | number>;

export function say(name: string, facts: Facts = {}): string {
  const text = document.getElementById("scan-words")?.dataset[name] ?? "";
  return text.replace(/\{(\w+)\}/g, (_whole, fact: string) => String(facts[fact] ?? ""));
}

export function count(name: string, n: number): string {
  return say(n === 1 ? `${name}One` : `${name}Many`, { n });
}
