/* Photographs of documents: pages taken one by one, kept in this browser until they are sent.

   A sending is written down before it is tried, with a number of its own: the portal files a number once, so
   that trying again is always safe. What is kept belongs to one person; nobody else who logs in here sees or
   sends it. Without this file the form still sends what was chosen. */

const $ = (selector, within = document) => within.querySelector(selector);
const tray = $("[data-captures]");
const form = $("form[data-capture]");
const me = Number(tray?.dataset.member);
const SIDE = 2400;

/* -- what is kept ------------------------------------------------------------------------------------------- */

let opened;
function store() {
  opened ??= new Promise((resolve, reject) => {
    const asking = indexedDB.open("fatto-captures", 1);
    asking.onupgradeneeded = () => asking.result.createObjectStore("captures", { keyPath: "id" });
    asking.onsuccess = () => resolve(asking.result);
    asking.onerror = () => reject(asking.error);
  });
  return opened;
}

async function ask(mode, deed) {
  const database = await store();
  return new Promise((resolve, reject) => {
    const work = database.transaction("captures", mode);
    const asked = deed(work.objectStore("captures"));
    work.oncomplete = () => resolve(asked.result);
    work.onabort = work.onerror = () => reject(work.error);
  });
}

const keep = (item) => ask("readwrite", (captures) => captures.put(item));
const forget = (id) => ask("readwrite", (captures) => captures.delete(id));
const mine = async () =>
  (await ask("readonly", (captures) => captures.getAll()))
    .filter((each) => each.member === me)
    .sort((one, other) => one.at - other.at);

/* -- sending ------------------------------------------------------------------------------------------------ */

const json = { Accept: "application/json" };
const speaksJson = (answer) => (answer.headers.get("Content-Type") ?? "").includes("application/json");

/* Gives the state it is in now: `sent` with an address, `waiting`, `login`, or `refused` with a sentence. */
async function send(item) {
  if (!navigator.onLine) return { state: "waiting" };
  try {
    /* Who is logged in now, and with which token: both may have changed since the photographs were taken. */
    const asked = await fetch(item.url, { headers: json, cache: "no-store" });
    if (!asked.ok || !speaksJson(asked)) return { state: asked.redirected ? "login" : "waiting" };
    const who = await asked.json();
    if (who.member !== item.member) return { state: "login" };
    const body = new FormData();
    body.append("batch", item.id);
    for (const file of item.files) body.append("pages", file.blob, file.name);
    const answer = await fetch(item.url, { method: "POST", body, headers: { ...json, "X-CSRFToken": who.token } });
    if (answer.status === 403 && !speaksJson(answer)) return { state: "waiting" };
    if (!speaksJson(answer)) return { state: answer.redirected ? "login" : answer.status === 413 ? "refused" : "waiting" };
    const said = await answer.json();
    return answer.ok ? { state: "sent", url: said.url } : { state: "refused", text: said.message };
  } catch {
    return { state: "waiting" };
  }
}

let working = false;
async function sendAll(only) {
  if (working) return undefined;
  working = true;
  let last;
  try {
    for (const item of await mine()) {
      if (only && item.id !== only) continue;
      if (!only && item.state === "refused") continue;
      show(item.id, tray.dataset.sending);
      last = await send(item);
      if (last.state === "sent") {
        await forget(item.id);
        if (!only) told.push(last.url);
      } else await keep({ ...item, state: last.state, text: last.text });
      if (last.state === "login") break;
    }
  } finally {
    working = false;
  }
  await draw();
  return last;
}

/* -- the tray ----------------------------------------------------------------------------------------------- */

let waiting = 0;
const told = [];
const words = {
  waiting: () => tray.dataset.waiting,
  login: () => tray.dataset.login,
  refused: (item) => item.text || tray.dataset.waiting,
};

function show(id, text) {
  const state = $(`[data-id="${id}"] [data-state]`, tray);
  if (state) state.textContent = text;
}

async function draw() {
  if (!tray) return;
  const items = await mine();
  waiting = items.length;
  tray.hidden = !items.length && !told.length;
  const title = items.length ? tray.dataset.title.replace("{n}", String(items.length)) : tray.dataset.done;
  $("[data-title]", tray).textContent = title;
  /* Folded, so that it covers little of a phone; open where somebody has to do something. */
  if (told.length || items.some((item) => item.state !== "waiting")) $("[data-fold]", tray).open = true;
  const list = $("[data-list]", tray);
  list.replaceChildren(
    ...items.map((item) => {
      const line = $("template", tray).content.firstElementChild.cloneNode(true);
      line.dataset.id = item.id;
      const pages = item.files.length === 1 ? tray.dataset.page : tray.dataset.pages.replace("{n}", item.files.length);
      $("[data-name]", line).textContent = `${item.company} · ${pages}`;
      $("[data-state]", line).textContent = words[item.state]?.(item) ?? "";
      if (item.state === "login") {
        const link = document.createElement("a");
        link.href = `${document.body.dataset.login}?next=${encodeURIComponent(location.pathname)}`;
        link.textContent = tray.dataset.login;
        $("[data-state]", line).replaceChildren(link);
      }
      return line;
    }),
    ...told.map((url) => {
      const line = document.createElement("li");
      const link = document.createElement("a");
      line.className = "tray-item";
      link.href = url;
      link.textContent = tray.dataset.sent;
      line.append(link);
      return line;
    }),
  );
}

tray?.addEventListener("click", async (event) => {
  const line = event.target.closest("[data-id]");
  if (!line) return;
  if (event.target.closest("[data-retry]")) await sendAll(line.dataset.id);
  if (event.target.closest("[data-drop-capture]") && confirm(tray.dataset.remove)) {
    await forget(line.dataset.id);
    await draw();
  }
});

/* -- logging out: nothing goes in silence, and nothing stays for the next person ------------------------------ */

document.addEventListener(
  "click",
  async (event) => {
    const leaving = event.target.closest?.("form[action$='/logout/'] button");
    if (!leaving || !waiting) return;
    event.preventDefault();
    event.stopPropagation();
    if (!confirm(tray.dataset.leave)) return;
    for (const item of await mine()) await forget(item.id);
    waiting = 0;
    leaving.form.requestSubmit();
  },
  true,
);

/* -- taking ------------------------------------------------------------------------------------------------- */

let shots = [];

async function thumbnail(file) {
  const canvas = document.createElement("canvas");
  canvas.width = 96;
  canvas.height = 128;
  canvas.className = "shot-picture";
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.max(canvas.width / picture.width, canvas.height / picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    canvas
      .getContext("2d")
      .drawImage(picture, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
    picture.close();
  } catch {
    /* a kind that this browser cannot show: the portal can */
  }
  return canvas;
}

async function smaller(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? blob : file;
  } catch {
    return file;
  }
}

function button(text, sign, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-quiet btn-icon";
  made.textContent = sign;
  made.setAttribute("aria-label", text);
  made.addEventListener("click", press);
  return made;
}

function lay() {
  const list = $("[data-shots]", form);
  list.replaceChildren(
    ...shots.map((shot, place) => {
      const line = document.createElement("li");
      line.className = "shot";
      const label = document.createElement("span");
      label.className = "shot-name";
      label.textContent = form.dataset.page.replace("{n}", String(place + 1));
      const swap = (by) => () => {
        [shots[place], shots[place + by]] = [shots[place + by], shots[place]];
        lay();
      };
      line.append(shot.picture, label);
      if (place > 0) line.append(button(form.dataset.up, "↑", swap(-1)));
      if (place < shots.length - 1) line.append(button(form.dataset.down, "↓", swap(1)));
      line.append(
        button(form.dataset.remove, "×", () => {
          shots.splice(place, 1);
          lay();
        }),
      );
      return line;
    }),
  );
  for (const part of [list, $("[data-if-shots]", form), $("[data-send]", form)]) part.hidden = !shots.length;
}

/* A number of this sending's own. `randomUUID` exists only where the connection is secure. */
function number() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/* The page holds a form that was sent until its answer is there; this one answers at once. */
function release() {
  setTimeout(() => {
    delete form.dataset.busy;
    for (const each of form.querySelectorAll("button:not([type=button])")) {
      each.disabled = false;
      each.removeAttribute("aria-busy");
    }
  });
}

async function add(input) {
  const files = [...input.files];
  input.value = "";
  for (const file of files) {
    const shot = { file, picture: document.createElement("canvas") };
    shots.push(shot);
    shot.picture = await thumbnail(file);
  }
  lay();
}

async function hand(item) {
  try {
    await keep(item);
  } catch {
    /* No room, or a private window: what cannot be kept is sent at once, or stays on the page. */
    const answer = await send(item);
    if (answer.state === "sent") location.assign(answer.url);
    else alert(form.dataset.failed);
    return;
  }
  shots = [];
  lay();
  await draw();
  const answer = await sendAll(item.id);
  if (answer?.state === "sent" && answer.url) location.assign(answer.url);
}

if (form && tray) {
  lay();
  form.addEventListener("change", async (event) => {
    if (event.target.matches("[data-smaller]")) {
      const what = $("[data-what]", form);
      what.textContent = event.target.checked ? what.dataset.less : what.dataset.full;
      return;
    }
    if (event.target.type === "file") await add(event.target);
  });
  /* What was chosen before this file had arrived. */
  for (const input of form.querySelectorAll("input[type=file]")) if (input.files.length) add(input);
  form.addEventListener(
    "submit",
    async (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      release();
      if (!shots.length) return;
      const less = $("[data-smaller]", form).checked;
      const files = [];
      for (const { file } of shots) files.push({ name: file.name || "photo.jpg", blob: less ? await smaller(file) : file });
      await hand({
        id: number(),
        member: me,
        company: tray.dataset.company,
        url: form.action,
        at: Date.now(),
        files,
        state: "waiting",
      });
    },
    true,
  );
}

if (tray && me) {
  draw()
    .then(() => waiting && sendAll())
    .catch(() => undefined);
  window.addEventListener("online", () => sendAll());
}

/* -- copying an address --------------------------------------------------------------------------------------- */

document.addEventListener("click", async (event) => {
  const copy = event.target.closest?.("[data-copy]");
  if (!copy) return;
  await navigator.clipboard?.writeText(copy.dataset.copy);
  copy.textContent = copy.dataset.copied;
});
