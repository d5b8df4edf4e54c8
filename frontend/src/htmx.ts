// htmx with every convenience switched off that could run what a page's text says.
import htmx from "htmx.org";
import { notify } from "./notify";
import { fillOps, renewOp } from "./op";
import { word } from "./words";

interface RequestDetail {
  elt: Element;
  verb: string;
  headers: Record<string, string>;
  successful?: boolean;
}

const TIMEOUT_MS = 20_000;

export function startHtmx(): void {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    disableInheritance: true,
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    scrollIntoViewOnBoost: false,
    timeout: TIMEOUT_MS,
    // Refusals (409, 422) and stale pages explain themselves: show them where the answer was to go.
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "(409|422)", swap: true, error: false },
      { code: "[45]..", swap: false, error: true },
    ],
  });
  document.addEventListener("htmx:configRequest", (event) => configure(detail(event)));
  document.addEventListener("htmx:afterRequest", (event) => after(detail(event)));
  for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(failure, () => notify(word("unreached"), "late"));
  }
  document.addEventListener("htmx:afterSwap", (event) => event.target instanceof Element && fillOps(event.target));
}

function detail(event: Event): RequestDetail {
  return (event as CustomEvent<RequestDetail>).detail;
}

function configure({ verb, headers }: RequestDetail): void {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
  if (verb !== "get" && token) headers["X-CSRFToken"] = token;
}

/** A new write gets a new operation id; a failed one keeps its own, so that sending it again is safe. */
function after({ elt, successful }: RequestDetail): void {
  const form = elt.closest("form");
  if (successful && form?.isConnected) renewOp(form);
}
