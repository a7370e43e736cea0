/* Naming somebody with @: a list of who can be named, chosen by arrows and Enter. Without it a name is typed in full. */

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

let list = null;

const close = () => {
  list?.remove();
  list?.box?.removeAttribute("aria-activedescendant");
  list = null;
};

const options = () => (list ? [...list.children] : []);

function mark(to) {
  options().forEach((option, place) => option.setAttribute("aria-selected", String(place === to)));
  const option = options()[to];
  if (!option) return;
  option.scrollIntoView({ block: "nearest" });
  list.box.setAttribute("aria-activedescendant", option.id);
}

/* The @ before the cursor and what was typed after it. */
function typed(box) {
  const before = box.value.slice(0, box.selectionStart);
  const found = /(^|[\s(])@([\p{L}\p{M}.' -]{0,40})$/u.exec(before);
  return found ? { at: before.length - found[2].length - 1, text: found[2] } : null;
}

function show(box) {
  const now = typed(box);
  close();
  if (!now) return;
  const names = box.dataset.mentions.split("\n").filter(Boolean);
  const wanted = plain(now.text);
  const fit = names.filter((name) => plain(name) !== wanted.trim() && (plain(name).startsWith(wanted) || plain(name).includes(` ${wanted}`)));
  if (!fit.length || (wanted && wanted !== wanted.trimStart())) return;
  list = document.createElement("div");
  list.className = "mentions";
  list.setAttribute("role", "listbox");
  list.box = box;
  fit.slice(0, 8).forEach((name, place) => {
    const option = document.createElement("div");
    option.setAttribute("role", "option");
    option.id = `mention-${place}`;
    option.textContent = name;
    list.append(option);
  });
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take(box, option.textContent);
  });
  box.parentElement.append(list);
  mark(0);
}

function take(box, name) {
  const now = typed(box);
  if (!now) return close();
  const end = box.selectionStart;
  box.setRangeText(`@${name} `, now.at, end, "end");
  close();
  box.focus();
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("textarea[data-mentions]")) show(event.target);
});
document.addEventListener("focusout", (event) => {
  if (list && event.target === list.box) close();
});
document.addEventListener(
  "keydown",
  (event) => {
    if (!list || event.target !== list.box || event.isComposing) return;
    const now = options().findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") mark(Math.min(now + 1, options().length - 1));
    else if (event.key === "ArrowUp") mark(Math.max(now - 1, 0));
    else if (event.key === "Enter" || event.key === "Tab") take(list.box, options()[Math.max(now, 0)].textContent);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
