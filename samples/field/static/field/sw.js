// The service worker: the application opens without a network. It keeps the files that PRECACHE lists (put before this
// text by the server), each version by itself, and never an answer of the API.
/// <reference lib="webworker" />

const worker = /** @type {ServiceWorkerGlobalScope & {PRECACHE: {version: string, first: string[], later: string[]}}} */ (/** @type {unknown} */ (self));
const { version, first, later } = worker.PRECACHE;
const CACHE = `field-${version}`;
const SHELL = "/field/";

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(first.map((address) => new Request(address, { cache: "reload" })))));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("field-") && name !== CACHE) await caches.delete(name);
      await worker.clients.claim();
      // The scanner's WebAssembly is large: it comes after everything else, and the application works without it.
      const cache = await caches.open(CACHE);
      await cache.addAll(later).catch(() => undefined);
    })(),
  );
});

worker.addEventListener("message", (event) => {
  if (event.data === "restart") void worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== worker.location.origin) return;
  if (request.mode === "navigate" && address.pathname === SHELL) return event.respondWith(kept(SHELL, request));
  if (address.pathname.startsWith("/static/field/")) event.respondWith(kept(address.pathname, request));
});

/**
 * @param {string} path
 * @param {Request} request
 * @returns {Promise<Response>}
 */
async function kept(path, request) {
  const cache = await caches.open(CACHE);
  const held = await cache.match(path);
  if (held) return held;
  const answer = await fetch(request);
  if (answer.ok && later.includes(path)) await cache.put(path, answer.clone());
  return answer;
}
