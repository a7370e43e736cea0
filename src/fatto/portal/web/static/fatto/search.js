/* The search box's suggestions: htmx brings them, arrows and Enter choose. Without script the box is a plain one. */

const box = document.querySelector("[data-ask]");
const list = box && document.getElementById(box.getAttribute("aria-controls"));

/* The chosen view may stand beyond the edge of its row. */
document.querySelector(".toolbar > .tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

if (list) {
  const options = () => [...list.querySelectorAll("[role=option]")];
  let chosen = -1;

  const show = (open) => {
    const visible = open && options().length > 0;
    list.hidden = !visible;
    box.setAttribute("aria-expanded", String(visible));
    choose(-1);
  };

  const choose = (to) => {
    chosen = to;
    options().forEach((option, place) => option.setAttribute("aria-selected", String(place === to)));
    const option = options()[to];
    if (option) {
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else box.removeAttribute("aria-activedescendant");
  };

  const take = (option) => {
    box.value = option.dataset.whole;
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
    show(false);
    /* After a field's name its values come; after a value nothing is asked until somebody types. */
    if (option.dataset.open !== undefined) box.dispatchEvent(new Event("input", { bubbles: true }));
  };

  list.addEventListener("htmx:afterSwap", () => show(document.activeElement === box));
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  box.addEventListener("blur", () => show(false));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const count = options().length;
    if (event.key === "Escape" && !list.hidden) {
      show(false);
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" && count) {
      if (list.hidden) show(true);
      choose(Math.min(chosen + 1, count - 1));
      event.preventDefault();
    } else if (event.key === "ArrowUp" && !list.hidden) {
      choose(Math.max(chosen - 1, -1));
      event.preventDefault();
    } else if (event.key === "Enter" && !list.hidden && chosen >= 0) {
      take(options()[chosen]);
      event.preventDefault();
    }
  });
}
