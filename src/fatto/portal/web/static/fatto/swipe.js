/* Cards to decide on with the thumb: to the right approves, to the left opens the reasons of a dispute.
   The buttons do the same; a card that asks for a second look stays where it is. */

const FAR = 96;

function far(card, x) {
  return Math.abs(x) > Math.min(FAR, card.clientWidth / 3);
}

function rest(card) {
  card.classList.remove("is-swiping", "is-far");
  card.style.removeProperty("transform");
  delete card.dataset.way;
}

/* Where a finger ends on a link, that is no tap on it. */
function swallow(card) {
  const still = (click) => click.preventDefault();
  card.addEventListener("click", still, { capture: true });
  setTimeout(() => card.removeEventListener("click", still, { capture: true }), 50);
}

function decide(card, way) {
  if (way === "right") {
    card.querySelector("form[data-yes]")?.requestSubmit();
    return;
  }
  const fold = card.querySelector("details.decide-fold");
  if (!fold) return;
  fold.open = true;
  fold.scrollIntoView({ block: "nearest" });
  fold.querySelector("input[name=reason]")?.focus({ preventScroll: true });
}

document.addEventListener("pointerdown", (event) => {
  const card = event.target.closest?.("[data-swipe]");
  if (!card || card.dataset.swipe === "off" || !event.isPrimary || event.pointerType === "mouse") return;
  if (event.target.closest("button, summary, input, textarea, label, select, details[open]")) return;
  if (document.body.classList.contains("is-offline")) return;
  const from = { x: event.clientX, y: event.clientY };
  let way = "";
  let moved = 0;

  const move = (at) => {
    const x = at.clientX - from.x;
    const y = at.clientY - from.y;
    if (!way) {
      if (Math.abs(y) > 12 && Math.abs(y) > Math.abs(x)) return stop();
      if (Math.abs(x) < 10) return;
      card.setPointerCapture(event.pointerId);
      card.classList.add("is-swiping");
    }
    way = x > 0 ? "right" : "left";
    moved = x;
    card.dataset.way = way;
    card.classList.toggle("is-far", far(card, x));
    card.style.transform = `translateX(${x}px)`;
  };
  const end = () => {
    const decided = way && far(card, moved);
    if (way) swallow(card);
    setTimeout(() => rest(card), decided && way === "right" ? 400 : 0);
    stop();
    if (decided) decide(card, way);
  };
  const cancel = () => {
    stop();
    rest(card);
  };
  const stop = () => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", end);
    document.removeEventListener("pointercancel", cancel);
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", cancel);
});
