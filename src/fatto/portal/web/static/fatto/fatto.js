/* Fatto in the browser: keys, dropping files anywhere, undo that runs out, the desk's divider.
   Every page can be read, and every single decision taken, without this file. */

const body = document.body;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const shown = (element) => element !== null && element.getClientRects().length > 0;

/* Something kept in this browser; private windows may refuse. */
const memory = {
  get(name) {
    try {
      return localStorage.getItem(`fatto.${name}`);
    } catch {
      return null;
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

/* -- short notes in the corner ------------------------------------------------------------------ */

function notice(text) {
  const place = $("#notices");
  if (!place || !text) return;
  const note = document.createElement("p");
  note.className = "notice";
  note.dataset.vanish = "";
  note.textContent = text;
  place.append(note);
  prepare(place);
}

/* Remove an element after so many seconds, not while somebody reads or is on it. */
function vanish(element, seconds) {
  let left = seconds * 10;
  const clock = setInterval(() => {
    if (!element.isConnected) return clearInterval(clock);
    if (document.hidden || element.matches(":hover, :focus-within")) return;
    left -= 1;
    if (left <= 0) {
      clearInterval(clock);
      element.remove();
    }
  }, 100);
}

/* -- what new pieces of a page need ----------------------------------------------------------------- */

function prepare(within) {
  const all = (selector) => [...(within.matches?.(selector) ? [within] : []), ...$$(selector, within)];
  for (const element of all("[data-undo], [data-vanish]")) {
    if (element.dataset.ready) continue;
    element.dataset.ready = "1";
    vanish(element, Number(element.dataset.seconds) || (element.dataset.undo === undefined ? 8 : 10));
  }
  for (const button of all("[data-close], [data-open-keys], [data-script]")) {
    if (button.matches("[data-open-keys]") && body.dataset.keyboard === "off") continue;
    button.hidden = false;
  }
  for (const desk of all(".desk")) ruler(desk);
  for (const form of all("form[data-autosubmit]")) autosubmit(form);
}

/* A form of filters that is sent when a choice is made; its button stays for those without script. */
function autosubmit(form) {
  if (form.dataset.ready) return;
  form.dataset.ready = "1";
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) form.requestSubmit();
  });
}

/* -- the desk: a divider that can be dragged, and a viewer that covers the list on a phone ---------- */

function ruler(desk) {
  const divider = $(".desk-divider", desk);
  if (!divider || divider.dataset.ready) return;
  divider.dataset.ready = "1";
  divider.tabIndex = 0;
  divider.setAttribute("role", "separator");
  divider.setAttribute("aria-orientation", "vertical");
  const limit = (percent) => Math.min(70, Math.max(24, percent));
  const set = (percent, keep = false) => {
    const value = Math.round(limit(percent) * 10) / 10;
    desk.style.setProperty("--desk-list", `${value}%`);
    divider.setAttribute("aria-valuenow", String(Math.round(value)));
    if (keep) memory.set("desk", value);
  };
  divider.setAttribute("aria-valuemin", "24");
  divider.setAttribute("aria-valuemax", "70");
  set(Number(memory.get("desk")) || 40);
  divider.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    divider.setPointerCapture(event.pointerId);
    body.classList.add("is-dragging");
    const box = desk.getBoundingClientRect();
    const move = (at) => set(((at.clientX - box.left) / box.width) * 100);
    const end = (at) => {
      body.classList.remove("is-dragging");
      divider.removeEventListener("pointermove", move);
      set(((at.clientX - box.left) / box.width) * 100, true);
    };
    divider.addEventListener("pointermove", move);
    divider.addEventListener("pointerup", end, { once: true });
    divider.addEventListener("pointercancel", end, { once: true });
  });
  divider.addEventListener("keydown", (event) => {
    const now = Number(divider.getAttribute("aria-valuenow"));
    const to = { ArrowLeft: now - 2, ArrowRight: now + 2, Home: 24, End: 70 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(to, true);
  });
  divider.addEventListener("dblclick", () => set(40, true));
}

function select(row, open) {
  for (const other of $$("[data-row][aria-current]")) if (other !== row) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "nearest" });
  if (open) row.click();
  else row.focus({ preventScroll: true });
}

/* -- keys ------------------------------------------------------------------------------------------------ */

const writing = (element) =>
  element.isContentEditable || element.matches?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select");

let chord = 0;

function step(by) {
  const rows = $$("[data-row]").filter(shown);
  if (!rows.length) {
    const link = $(by > 0 ? '[data-key="]"]' : '[data-key="["]');
    if (link) link.click();
    return;
  }
  const here = rows.findIndex((row) => row === document.activeElement);
  const chosen = here >= 0 ? here : rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const to = chosen < 0 ? (by > 0 ? 0 : rows.length - 1) : chosen + by;
  if (to < 0 || to >= rows.length) {
    const more = $(by > 0 ? 'a[rel="next"]' : 'a[rel="prev"]');
    if (more && shown(more)) more.click();
    return;
  }
  const beside = shown($(".desk-viewer")) && shown($(".desk-list"));
  select(rows[to], beside && rows[to].hasAttribute("hx-get"));
}

/* A button, link or field that says which key it listens to. */
function press(key) {
  const element = $$("[data-key]").find((each) => each.dataset.key === key && shown(each) && !each.disabled);
  if (!element) return false;
  if (element.matches("input:not([type=submit], [type=button], [type=checkbox], [type=radio]), textarea, select")) {
    element.focus();
    element.select?.();
  } else if (element.matches("details")) {
    element.open = true;
    $("input, textarea, select, button", element)?.focus();
  } else element.click();
  return true;
}

function escape() {
  const open = $("details.menu[open]");
  if (open) {
    open.open = false;
    $("summary", open)?.focus();
    return true;
  }
  if (writing(document.activeElement)) {
    document.activeElement.blur();
    return true;
  }
  const folded = $("details[data-key][open]");
  if (folded) {
    folded.open = false;
    return true;
  }
  const back = $("[data-back]");
  if (back && shown(back)) {
    back.click();
    return true;
  }
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    document.activeElement?.form?.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    if (!$("dialog[open]") && escape()) event.preventDefault();
    return;
  }
  if (body.dataset.keyboard === "off" || writing(event.target) || $("dialog[open]")) return;
  /* A letter is what its key says, whatever the caps lock. */
  const letter = /^[a-z]$/i.test(event.key);
  const key = letter ? (event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase()) : event.key;
  /* Scripts of single pages may know more keys. */
  const asked = new CustomEvent("fatto:key", { detail: key, cancelable: true });
  if (Date.now() - chord >= 1200 && !document.dispatchEvent(asked)) {
    event.preventDefault();
    return;
  }
  if (Date.now() - chord < 1200) {
    chord = 0;
    const place = $$("[data-go]").find((each) => each.dataset.go === key);
    if (place) {
      event.preventDefault();
      place.click();
    }
    return;
  }
  if (key === "g") chord = Date.now();
  else if (key === "j") step(1);
  else if (key === "k") step(-1);
  else if (key === "?") help();
  else if (key === "+") ($("#drop input[type=file]") || $('form[data-drop] input[type=file]'))?.click();
  else if (key === "o") (document.activeElement?.closest("[data-row]") || $('[data-row][aria-current="true"]'))?.click();
  else if (key === "v") cycle();
  else if (!press(key)) return;
  event.preventDefault();
});

const faces = () => $$(".desk-viewer .tabs a, [data-tabs] a").filter(shown);

/* The list of keys: only those that do something on this page. */
const WORKS = {
  "j k": () => $$("[data-row]").some(shown) || works("]") || works("["),
  o: () => $$("[data-row]").some(shown),
  Esc: () => true,
  x: () => $$('input[name=document][form=bulk]').some((box) => shown(box.closest("label"))),
  v: () => faces().length > 1,
  "+": () => Boolean($("#drop input[type=file]") || $("form[data-drop] input[type=file]")),
  "Ctrl Enter": () => $$("form[method=post] textarea, form[method=post] input:not([type=hidden])").some(shown),
  "?": () => true,
};
const works = (key) =>
  WORKS[key]?.() ??
  (key.startsWith("g ")
    ? $$("[data-go]").some((each) => each.dataset.go === key.slice(2))
    : $$("[data-key]").some((each) => each.dataset.key === key && shown(each)));

function help() {
  for (const line of $$("#keys [data-help]")) line.hidden = !line.dataset.help.split(",").some(works);
  $("#keys")?.showModal();
}

/* The next of the viewer's tabs. */
function cycle() {
  const tabs = faces();
  const now = tabs.findIndex((tab) => tab.hasAttribute("aria-current"));
  if (tabs.length) tabs[(now + 1) % tabs.length].click();
}

/* -- clicks: closing, menus, the list of keys -------------------------------------------------------------- */

document.addEventListener("click", (event) => {
  const target = event.target;
  if (target.closest("[data-open-keys]")) {
    target.closest("details")?.removeAttribute("open");
    help();
  }
  target.closest("[data-close]")?.closest("[data-tray], .notice, .alert, .undo")?.remove();
  for (const menu of $$("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
  if (target.matches("dialog[open]")) {
    const box = target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) target.close();
  }
  /* On a phone a row opens a page of its own, so that "back" is right. */
  const row = target.closest("[data-row]");
  if (row && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0 && shown($(".desk-viewer")))
    select(row, false);
});

/* -- forms: a second press does nothing ------------------------------------------------------------------------ */

function hold(form, submitter) {
  form.dataset.busy = "1";
  setTimeout(() => {
    for (const button of form.elements) if (button.matches?.("button:not([type=button]), input[type=submit]")) button.disabled = true;
  });
  submitter?.setAttribute("aria-busy", "true");
}

function release(form) {
  delete form.dataset.busy;
  for (const button of form.elements ?? []) {
    if (button.matches?.("button:not([type=button]), input[type=submit]")) button.disabled = false;
    button.removeAttribute?.("aria-busy");
  }
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.method === "get") return;
    if (form.dataset.busy) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    hold(form, event.submitter);
    /* A form that answers with a file leaves the page as it is. */
    if (form.hasAttribute("data-download") || event.submitter?.hasAttribute("data-download")) setTimeout(() => release(form), 3000);
  },
  true,
);

window.addEventListener("pageshow", (event) => {
  if (event.persisted) $$("form[data-busy]").forEach(release);
});

/* -- files: dropped anywhere --------------------------------------------------------------------------------------- */

let depth = 0;
const veil = $("[data-drop-veil]");
const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const dropForm = () => $("main form[data-drop]") || $("#drop");

document.addEventListener("dragenter", (event) => {
  if (!carriesFiles(event) || !dropForm()) return;
  depth += 1;
  if (veil) veil.hidden = false;
});
document.addEventListener("dragleave", (event) => {
  if (!carriesFiles(event)) return;
  depth = Math.max(0, depth - 1);
  if (!depth && veil) veil.hidden = true;
});
document.addEventListener("dragover", (event) => {
  if (carriesFiles(event) && dropForm()) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const form = dropForm();
  if (!carriesFiles(event) || !form) return;
  event.preventDefault();
  depth = 0;
  if (veil) veil.hidden = true;
  const input = $("input[type=file]", form);
  if (form.dataset.busy || !event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  form.requestSubmit();
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-drop]");
  if (form && event.target.type === "file" && event.target.files.length && !form.dataset.busy) form.requestSubmit();
});

/* How much has gone up, in the tray. */
document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = $("[data-upload-bar]");
  if (bar && event.detail.lengthComputable && event.target.matches?.("form[data-drop]")) {
    bar.closest("[data-upload]").hidden = false;
    bar.max = event.detail.total;
    bar.value = event.detail.loaded;
  }
});

/* -- htmx ---------------------------------------------------------------------------------------------------------------- */

document.addEventListener("htmx:beforeRequest", (event) => {
  const element = event.detail.elt;
  /* Where list and viewer are not side by side, a row is a plain link. */
  if (element.matches?.("[data-row]") && !(shown($(".desk-viewer")) && shown($(".desk-list")))) {
    event.preventDefault();
    location.assign(element.href);
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  const element = event.detail.elt;
  if (!element.matches?.("form")) return;
  release(element);
  const sending = $("[data-upload]");
  if (sending) sending.hidden = true;
  if (element.matches("[data-drop]") && event.detail.successful) element.reset();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  /* Logged out meanwhile: the whole page goes to the door, not a piece of it into a pane. */
  const answered = event.detail.xhr?.responseURL;
  if (answered && new URL(answered).pathname === body.dataset.login) {
    event.preventDefault();
    location.reload();
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.detail.target;
  if (target?.matches?.(".desk-viewer")) {
    target.closest(".desk")?.setAttribute("data-open", "");
    target.scrollTop = 0;
  }
});
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
document.addEventListener("htmx:sendError", () => notice(body.dataset.textFailed));
document.addEventListener("htmx:timeout", () => notice(body.dataset.textFailed));
document.addEventListener("htmx:responseError", () => notice(body.dataset.textError));

prepare(document.body);
$('[data-row][aria-current="true"]')?.scrollIntoView({ block: "nearest" });
