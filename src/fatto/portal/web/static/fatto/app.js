/* The portal as an app: the worker, being without a network, and putting it on the home screen. */

const body = document.body;
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const bar = document.getElementById("offline");

const memory = {
  get(name) {
    try {
      return localStorage.getItem(`fatto.${name}`);
    } catch {
      return null; /* private windows may refuse */
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`fatto.${name}`, value);
    } catch {
      /* then not */
    }
  },
};

/* -- the worker ----------------------------------------------------------------------------------- */

const tell = (message) => navigator.serviceWorker?.controller?.postMessage(message);
const reader = body.dataset.reader;

if ("serviceWorker" in navigator && window.isSecureContext && reader) {
  navigator.serviceWorker.register("/worker.js", { scope: "/", updateViaCache: "none" }).catch(() => {});
  /* The worker that begins with this page has not seen it come. */
  navigator.serviceWorker.ready.then((found) => {
    if (!navigator.serviceWorker.controller) found.active?.postMessage({ type: "reader", reader });
  });
}

/* A document that was opened beside the list: kept as it stands. */
document.addEventListener("htmx:afterSettle", (event) => {
  const viewer = event.detail.target?.closest?.("#viewer");
  if (!viewer || !reader || body.dataset.keptAt !== undefined || !navigator.onLine) return;
  setTimeout(() => {
    const title = document.title.split(" · ").slice(0, -1).join(" · ");
    tell({ type: "opened", reader, url: location.href, title, html: viewer.innerHTML });
  });
});

/* -- without a network -------------------------------------------------------------------------------- */

const loaded = new Date();
const isKept = body.dataset.keptAt !== undefined;
let without = false;

function inWords(at) {
  const day = at.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
    ...day,
    hour: "2-digit",
    minute: "2-digit",
  }).format(at);
}

/* Decisions are not kept for later: what they are about may have changed by then. */
function hold(within = document) {
  for (const form of $$("form", within)) {
    if (form.method === "get" || form.method === "dialog" || form.hasAttribute("data-offline")) continue;
    for (const button of form.elements) {
      if (!button.matches?.("button:not([type=button]), input[type=submit]") || button.disabled) continue;
      button.disabled = true;
      button.dataset.held = "";
    }
  }
}

function release() {
  for (const button of $$("[data-held]")) {
    button.disabled = false;
    delete button.dataset.held;
  }
}

function lost() {
  without = true;
  body.classList.add("is-offline");
  if (bar) {
    const at = isKept ? new Date(body.dataset.keptAt) : loaded;
    const nothing = isKept && !body.dataset.keptAt;
    const text = nothing ? bar.dataset.textNothing : isKept && navigator.onLine ? bar.dataset.textSlow : bar.dataset.textOffline;
    bar.querySelector("[data-text]").textContent = text.replace("{time}", nothing ? "" : inWords(at));
    bar.querySelector("[data-buttons]").hidden = nothing;
    bar.hidden = false;
  }
  hold();
}

function found() {
  if (isKept) {
    renew();
    return;
  }
  without = false;
  body.classList.remove("is-offline");
  if (bar) bar.hidden = true;
  release();
}

/* What is kept is shown only as long as the server cannot be reached: ask for it now and then.
   Browsers say that they are online before they are, so only an answer counts. */
let leaving = false;
window.addEventListener("beforeunload", () => {
  leaving = true;
});

async function renew() {
  if (document.hidden || !navigator.onLine) return;
  const answer = await fetch("/worker.js", { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (answer?.ok && !leaving) location.reload();
}

async function wait(seconds) {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  await renew();
  wait(Math.min(30, 2 * seconds));
}

if (isKept) wait(2);
window.addEventListener("offline", lost);
window.addEventListener("online", found);
if (isKept || !navigator.onLine) lost();
document.addEventListener("htmx:load", (event) => without && hold(event.detail.elt));
bar?.querySelector("[data-again]")?.addEventListener("click", () => location.reload());

/* Before anything else hears of it. */
window.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (without && form.method === "post" && !form.hasAttribute("data-offline")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      bar?.scrollIntoView({ block: "nearest" });
      return;
    }
    /* Whoever holds what is not sent yet may ask before the browser forgets everything. */
    if (form.matches("[action$='/accounts/logout/']")) {
      const leaving = new CustomEvent("fatto:leaving", { cancelable: true, detail: { form } });
      if (!document.dispatchEvent(leaving)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    }
  },
  true,
);

/* -- on the home screen -------------------------------------------------------------------------------------- */

let prompt = null;
const inApp = window.matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

function offer() {
  const wanted = memory.get("useful") && !memory.get("no-install") && !inApp;
  for (const card of $$("[data-install]")) {
    const apple = navigator.standalone === false;
    card.hidden = !(wanted && (prompt || apple));
    for (const button of $$("[data-install-now]", card)) button.hidden = !prompt;
    for (const link of $$("[data-install-guide]", card)) link.hidden = Boolean(prompt);
  }
}

/* Something of use has been done: a decision, or files that went in. */
function useful() {
  if (document.querySelector("[data-undo], [data-useful]")) memory.set("useful", "1");
  offer();
}

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  prompt = event;
  offer();
});
window.addEventListener("appinstalled", () => {
  prompt = null;
  memory.set("no-install", "1");
  offer();
});
document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-install-no]")) {
    memory.set("no-install", "1");
    offer();
  }
  if (event.target.closest("[data-install-now]") && prompt) {
    const asked = prompt;
    prompt = null;
    await asked.prompt();
    offer();
  }
});
document.addEventListener("htmx:afterSettle", useful);
useful();
