// Keeps the shell of the scan page on the device. It never touches scans: those lie in the page's own store.
//
// The page comes from the network when that answers in time, so that nobody works with an old one; otherwise from what
// was kept. Files with a fingerprint in their name never change; others are asked for anew while there is a network.
export {};

declare const self: ServiceWorkerGlobalScope;
declare const SHELL: { version: string; kept: string[] };

const PAGE = "/scan/line";
const CACHE = `scan-shell-${SHELL.version}`;
const PATIENCE_MS = 3_000;
const PRINTED = /\.[0-9a-f]{12}\.[a-z0-9]+$/;

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(sweep().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(event.request));
  else if (url.pathname.includes("/static/") || url.pathname.startsWith("/static/")) event.respondWith(file(event.request));
});

/** The page may be refused while nobody is signed in; then it is kept at the next visit. */
async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL.kept.map((name) => new Request(name, { cache: "reload" })));
  const shown = await fetch(PAGE, { redirect: "manual", cache: "reload", credentials: "same-origin" }).catch(() => null);
  if (shown?.ok) await cache.put(PAGE, shown);
  else await inherit(cache);
}

/** An upgrade while nobody is signed in: the page of before goes on, with the files it knows. */
async function inherit(cache: Cache): Promise<void> {
  for (const name of (await caches.keys()).filter((each) => each.startsWith("scan-shell-") && each !== CACHE)) {
    const before = await caches.open(name);
    for (const request of await before.keys()) {
      const kept = await before.match(request);
      if (kept && !(await cache.match(request))) await cache.put(request, kept);
    }
  }
}

async function sweep(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith("scan-shell-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function page(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(PAGE);
  const fresh = await inTime(fetch(request), kept ? PATIENCE_MS : Infinity);
  if (fresh?.ok && !fresh.redirected) {
    await cache.put(PAGE, fresh.clone());
    return fresh;
  }
  const away = !fresh || fresh.type === "opaqueredirect" || fresh.status >= 500;
  return (away && kept) || fresh || Response.error();
}

async function file(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept && PRINTED.test(new URL(request.url).pathname)) return kept;
  const fresh = await inTime(fetch(request), kept ? PATIENCE_MS : Infinity);
  if (fresh?.ok) await cache.put(request, fresh.clone());
  return (fresh?.ok ? fresh : kept) ?? fresh ?? Response.error();
}

async function inTime(answer: Promise<Response>, patience: number): Promise<Response | null> {
  const quiet = answer.catch(() => null);
  if (patience === Infinity) return quiet;
  return Promise.race([quiet, new Promise<null>((late) => setTimeout(() => late(null), patience))]);
}
