// One place for what happened: the page's status region, which screen readers follow.
type Signal = "fine" | "soon" | "late";

export function notify(text: string, signal: Signal = "soon"): HTMLElement | null {
  const region = document.getElementById("notices");
  if (!region || !text) return null;
  const notice = document.createElement("div");
  notice.className = `notice notice-${signal}`;
  notice.append(sign(signal), Object.assign(document.createElement("div"), { textContent: text }));
  region.replaceChildren(notice);
  return notice;
}

export function sign(name: string): SVGElement {
  const sprite = document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0] ?? "";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${["fine", "soon", "late"].includes(name) ? `signal-${name}` : name}`);
  svg.append(use);
  return svg;
}
