/* Several documents at once: ticks, ranges, the exact number of a whole list. And the next document, fetched before
   it is asked for. Without script boxes are ticked one by one, and the summary tells the numbers. */

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const shown = (element) => Boolean(element) && element.getClientRects().length > 0;

/* -- ticks ------------------------------------------------------------------------------------------ */

const bar = $("[data-bulk]");
const boxes = () => $$('input[type=checkbox][name=document][form=bulk]');
const whole = () => bar && $("input[name=all]", bar);
const ticked = new Set();
let last = null;
let counted = false;

/* The exact number of the list, asked for once: with the first tick. */
async function count() {
  if (counted || !bar?.dataset.count) return;
  counted = true;
  try {
    const answer = await fetch(bar.dataset.count, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return;
    const keep = whole()?.checked;
    $("[data-bulk-all]", bar).innerHTML = await answer.text();
    if (keep && whole()) whole().checked = true;
  } catch {
    /* the plain offer stays */
  }
}

function show() {
  if (!bar) return;
  const all = boxes();
  ticked.clear();
  for (const box of all) if (box.checked) ticked.add(box.value);
  $("[data-bulk-count]", bar).textContent = String(ticked.size);
  const page = $("[data-bulk-page]", bar);
  page.checked = ticked.size > 0 && ticked.size === all.length;
  page.indeterminate = ticked.size > 0 && !page.checked;
  if (whole() && ticked.size < all.length) whole().checked = false;
  if (ticked.size) count();
}

function range(to) {
  const all = boxes();
  const [from, until] = [all.indexOf(last), all.indexOf(to)];
  if (from < 0) return;
  for (const box of all.slice(Math.min(from, until), Math.max(from, until) + 1)) box.checked = true;
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches?.("[data-bulk-page]")) for (const each of boxes()) each.checked = box.checked;
  else if (box.name === "all" && box.form === bar && box.checked) for (const each of boxes()) each.checked = true;
  else if (box.name !== "document" || box.form !== bar) return;
  else last = box;
  show();
});

document.addEventListener("click", (event) => {
  const box = event.target;
  if (event.shiftKey && box.matches?.('input[name=document][form=bulk]') && last && box.checked) {
    range(box);
    last = box;
    show();
  }
});

/* A row that htmx renewed keeps its tick. */
document.addEventListener("htmx:load", (event) => {
  const box = event.detail.elt.matches?.(".tick-row") && $("input[name=document]", event.detail.elt);
  if (box && ticked.has(box.value)) box.checked = true;
});

document.addEventListener("fatto:key", (event) => {
  if (!bar || (event.detail !== "x" && event.detail !== "X")) return;
  const line = document.activeElement?.closest?.(".tick-row, tr, .card") || $('[data-row][aria-current="true"]')?.closest("li, tr");
  const box = (line && $("input[name=document]", line)) || boxes()[0];
  if (!box || !shown(box.closest("label"))) return;
  event.preventDefault();
  if (event.detail === "X" && last) range(box);
  else box.checked = !box.checked;
  last = box;
  box.closest("label").scrollIntoView({ block: "nearest" });
  show();
});

window.addEventListener("pageshow", show);

/* -- the next document, before it is asked for --------------------------------------------------------- */

const FRESH = 30_000;
const viewer = $("#viewer");
const kept = { url: "", html: "", at: 0 };
let waiting = 0;

const beside = () => shown(viewer) && shown($(".desk-list"));

function following() {
  const rows = $$("[data-row][hx-get]").filter(shown);
  const here = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  return rows[here + 1];
}

async function fetchNext() {
  if (!beside() || navigator.connection?.saveData || document.hidden) return;
  const url = following()?.getAttribute("hx-get");
  if (!url || (kept.url === url && Date.now() - kept.at < FRESH)) return;
  const headers = { "HX-Request": "true", "HX-Target": "viewer", "X-Prefetch": "1" };
  try {
    const answer = await fetch(url, { headers, priority: "low" });
    if (!answer.ok || answer.redirected) return;
    Object.assign(kept, { url, html: await answer.text(), at: Date.now() });
  } catch {
    /* then it is fetched when it is asked for */
  }
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(fetchNext, 250);
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const link = event.detail.elt;
  if (event.defaultPrevented || !link.matches?.("a[hx-get]") || !beside()) return;
  /* Next and previous of the viewer are rows of the list, where it has them. */
  if (link.matches('[data-key="["], [data-key="]"]')) {
    const row = $$("[data-row][hx-get]").find((each) => each.getAttribute("href") === link.getAttribute("href"));
    if (!row) return;
    event.preventDefault();
    row.click();
    return;
  }
  const url = link.getAttribute("hx-get");
  if (!link.matches("[data-row]") || url !== kept.url || Date.now() - kept.at > FRESH) return;
  event.preventDefault();
  const html = kept.html;
  kept.url = "";
  history.pushState({ htmx: true }, "", url);
  window.htmx.swap(viewer, html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 20 }, {
    eventInfo: { target: viewer, elt: viewer },
  });
  /* It was not read when it was fetched; now it is. */
  link.removeAttribute("data-unread");
  fetch(url, { headers: { "X-Shown": "1" }, keepalive: true }).catch(() => {});
});

/* After anything was sent, what was fetched before may not be true any more. */
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig?.verb !== "get") kept.url = "";
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === viewer) soon();
});

show();
soon();
