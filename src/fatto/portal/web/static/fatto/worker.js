/* The service worker: opened documents can be read without a network, by the person who opened them.
   FATTO, what it must know of the release, is written above this by the server.

   Online nothing comes from here but files that never change. Without a network, or when the server does not answer
   in time, a document that was opened before is shown as it was, and says of when. Whose the kept documents are is
   said by a header of every page; as soon as it names another person, or nobody, they are dropped. */

const PATIENCE = 6000; // ms until a kept document is shown instead of waiting on
const MOST = 80; // kept documents and their files
const LARGEST = 12_000_000; // bytes of one

const SHELL = `fatto-shell-${FATTO.release}`;
const META = "fatto-meta";
const SHARED = "fatto-shared";
const kept = (reader) => `fatto-read-${reader}`;
const panes = (reader) => `fatto-pane-${reader}`;
const IGNORE = { ignoreVary: true };
const KEPT_AT = "Fatto-Kept-At";
const TITLE = "Fatto-Title";

const DOCUMENT = /^\/(c|f)\/[^/]+\/documents\/\d+\/$/;
const ADDING = /^\/c\/[^/]+\/upload\/$/; // photographs are taken without a network as well, and wait on the page
const FACE = /^\/c\/[^/]+\/documents\/\d+\/(sheet|xml|pdf|approval-sheet|attachment\/\d+)\/$/;

/* -- coming and going --------------------------------------------------------------------------- */

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(SHELL);
      await Promise.all(FATTO.shell.map((url) => cache.add(new Request(url, { cache: "reload" }))));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("fatto-shell-") && name !== SHELL) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

/* -- whose it is ------------------------------------------------------------------------------------ */

/* Changes of the reader, and everything that is kept, happen one after another. */
let line = Promise.resolve();
const inLine = (work) => (line = line.then(work, work));

async function reader() {
  const note = await (await caches.open(META)).match("/reader");
  return note ? note.text() : FATTO.nobody;
}

/* A page says whose it is: what belongs to anybody else goes. */
function meet(who) {
  return inLine(async () => {
    if (who === (await reader())) return;
    await forget(who);
    await (await caches.open(META)).put("/reader", new Response(who));
    if (who !== FATTO.nobody) {
      const shell = await caches.open(SHELL); // in this person's language
      await shell.add(new Request(FATTO.offline, { cache: "reload" })).catch(() => {});
    }
  });
}

async function forget(but) {
  for (const name of await caches.keys()) {
    const ours = name.startsWith("fatto-read-") || name.startsWith("fatto-pane-");
    if (ours && name !== kept(but) && name !== panes(but)) await caches.delete(name);
  }
  await caches.delete(SHARED);
}

/* -- keeping ------------------------------------------------------------------------------------------ */

const place = (url) => {
  const tab = url.searchParams.get("tab");
  return url.origin + url.pathname + (tab ? `?tab=${encodeURIComponent(tab)}` : "");
};

function keep(name, who, url, response, title) {
  return inLine(async () => {
    if (who === FATTO.nobody || who !== (await reader())) return;
    const data = await response.arrayBuffer();
    if (data.byteLength > LARGEST) return;
    const headers = new Headers();
    headers.set("Content-Type", response.headers.get("Content-Type") ?? "application/octet-stream");
    const policy = response.headers.get("Content-Security-Policy");
    if (policy) headers.set("Content-Security-Policy", policy);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set(KEPT_AT, new Date().toISOString());
    if (title) headers.set(TITLE, encodeURIComponent(title));
    const cache = await caches.open(name(who));
    await cache.delete(place(url), IGNORE); // the newest stands last
    await cache.put(place(url), new Response(data, { headers }));
    const all = await cache.keys();
    for (const old of all.slice(0, Math.max(0, all.length - MOST))) await cache.delete(old, IGNORE);
  });
}

function drop(url) {
  return inLine(async () => {
    const who = await reader();
    for (const name of [kept(who), panes(who)]) {
      if (await caches.has(name)) await (await caches.open(name)).delete(url.origin + url.pathname, { ...IGNORE, ignoreSearch: true });
    }
  });
}

async function find(name, url) {
  if (!(await caches.has(name))) return undefined;
  const cache = await caches.open(name);
  return (await cache.match(place(url), IGNORE)) ?? cache.match(url.origin + url.pathname, IGNORE);
}

/* -- showing what is kept ------------------------------------------------------------------------------- */

const escaped = (text) => text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);

/* The page as it was, with the moment on its body: app.js says it in words and takes the buttons away. */
function dated(html, at) {
  return html.replace(/<body\b/, `<body data-kept-at="${escaped(at ?? "")}"`);
}

async function asPage(response) {
  const headers = new Headers(response.headers);
  if (!(headers.get("Content-Type") ?? "").startsWith("text/html")) return response;
  headers.set("Cache-Control", "no-store");
  return new Response(dated(await response.text(), headers.get(KEPT_AT)), { headers });
}

/* The document as the list's page showed it beside itself, in a page of its own. */
async function inShell(pane) {
  const shell = await (await caches.open(SHELL)).match(FATTO.offline, IGNORE);
  if (!shell) return pane;
  const around = dated(await shell.text(), pane.headers.get(KEPT_AT)).replace("data-nothing", "data-nothing hidden");
  const text = await pane.text();
  return new Response(around.replace("<!--document-->", () => text), { headers: page(shell) });
}

const page = (shell) => {
  const headers = new Headers({ "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" });
  const policy = shell.headers.get("Content-Security-Policy");
  if (policy) headers.set("Content-Security-Policy", policy);
  return headers;
};

/* Nothing of this address is kept: say so, and name what is. */
async function nothing() {
  const shell = await (await caches.open(SHELL)).match(FATTO.offline, IGNORE);
  if (!shell) return Response.error();
  const who = await reader();
  const found = new Map();
  for (const name of [panes(who), kept(who)]) {
    if (who === FATTO.nobody || !(await caches.has(name))) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const url = new URL(request.url);
      if (!DOCUMENT.test(url.pathname)) continue;
      const title = (await cache.match(request, IGNORE))?.headers.get(TITLE);
      found.set(url.pathname, title ? decodeURIComponent(title) : url.pathname);
    }
  }
  const items = [...found].reverse().map(([path, title]) => `<li><a href="${escaped(path)}">${escaped(title)}</a></li>`);
  const html = (await shell.text()).replace("<!--opened-->", () => items.join(""));
  return new Response(dated(html, ""), { headers: page(shell) });
}

/* -- answering --------------------------------------------------------------------------------------------- */

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* The network's answer. Where something is kept, it is shown when the network fails or takes too long. */
async function networkFirst(event, url, otherwise) {
  const asked = fetch(event.request);
  asked.catch(() => {});
  let instead;
  try {
    const first = await Promise.race([asked, later(PATIENCE)]);
    if (first) return first;
    instead = await otherwise(false);
    return instead ?? (await asked);
  } catch {
    return (await otherwise(true)) ?? Response.error();
  }
}

async function notice(event, url, response, keeps) {
  const who = response.headers.get(FATTO.header);
  if (who) await meet(who);
  if (response.redirected && new URL(response.url).pathname === FATTO.login) await meet(FATTO.nobody);
  if (!keeps) return;
  if (response.status === 404 || response.status === 403) await drop(url);
  if (response.status !== 200 || response.redirected || !who || who === FATTO.nobody) return;
  await keeps(who, response.clone());
}

const titled = async (response) => (await response.text()).match(/<title>([^<]*)<\/title>/)?.[1] ?? "";
const plain = (text) => text.replaceAll("&amp;", "&").replaceAll("&#x27;", "'").replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">");

async function navigated(event, url) {
  const document = DOCUMENT.test(url.pathname);
  const face = FACE.test(url.pathname) || ADDING.test(url.pathname);
  const response = await networkFirst(event, url, async (lost) => {
    const who = await reader();
    if (who !== FATTO.nobody && (document || face)) {
      const page = await find(kept(who), url);
      if (page) return asPage(page);
      const pane = document ? await find(panes(who), url) : undefined;
      if (pane) return inShell(pane);
    }
    return lost ? nothing() : undefined;
  });
  if (response.type !== "opaqueredirect" && response.type !== "error" && !response.headers.has(KEPT_AT)) {
    const copy = response.clone();
    event.waitUntil(
      notice(event, url, copy, document || face ? async (who, got) => {
        const html = (got.headers.get("Content-Type") ?? "").startsWith("text/html");
        const title = html && document ? plain(await titled(got.clone())).split(" · ").slice(0, -1).join(" · ") : "";
        await keep(kept, who, url, got, title);
      } : undefined),
    );
  }
  return response;
}

/* A document that the list's page asks for beside itself. */
async function asked(event, url) {
  return networkFirst(event, url, async () => {
    const who = await reader();
    return who === FATTO.nobody ? undefined : find(panes(who), url);
  });
}

async function still(event) {
  const cache = await caches.open(SHELL);
  try {
    return await fetch(event.request);
  } catch {
    return (await cache.match(event.request, IGNORE)) ?? Response.error();
  }
}

/* How a firm looks: its addresses change with it, so that what is kept is never old. */
async function looks(event) {
  const cache = await caches.open(SHELL);
  const found = await cache.match(event.request, IGNORE);
  if (found) return found;
  const response = await fetch(event.request);
  if (response.status === 200 && response.type === "basic") event.waitUntil(cache.put(event.request, response.clone()));
  return response;
}

/* Files shared by another app wait here until the person says whose they are. */
async function shared(request) {
  const form = await request.formData();
  const files = form.getAll("files").filter((each) => each instanceof File && each.size);
  await caches.delete(SHARED);
  const cache = await caches.open(SHARED);
  for (const [n, file] of files.entries()) {
    const headers = { "Content-Type": file.type || "application/octet-stream", [TITLE]: encodeURIComponent(file.name) };
    await cache.put(`${FATTO.share}file/${n}`, new Response(file, { headers }));
  }
  return Response.redirect(`${FATTO.share}${files.length ? "" : "?none"}`, 303);
}

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === FATTO.share && request.mode === "navigate") {
    event.respondWith(shared(request));
    return;
  }
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(navigated(event, url));
  else if (request.headers.get("HX-Request") && DOCUMENT.test(url.pathname)) event.respondWith(asked(event, url));
  else if (FATTO.shell.includes(url.pathname)) event.respondWith(still(event));
  else if (url.pathname.startsWith("/brand/")) event.respondWith(looks(event));
});

/* -- talking with pages ------------------------------------------------------------------------------------------ */

self.addEventListener("message", (event) => {
  const said = event.data ?? {};
  if (said.type === "reader") event.waitUntil(meet(String(said.reader)));
  else if (said.type === "opened") {
    const url = new URL(said.url);
    if (url.origin !== self.location.origin || !DOCUMENT.test(url.pathname)) return;
    const body = new Response(String(said.html), { headers: { "Content-Type": "text/html; charset=utf-8" } });
    event.waitUntil(keep(panes, String(said.reader), url, body, String(said.title)));
  }
});

/* The network is back: pages that hold something to send are told. */
self.addEventListener("sync", (event) => {
  event.waitUntil(
    (async () => {
      for (const client of await self.clients.matchAll({ type: "window" })) client.postMessage({ type: "sync", tag: event.tag });
    })(),
  );
});
