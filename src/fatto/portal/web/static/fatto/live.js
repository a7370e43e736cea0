/* Asks now and then what became of documents on their way: often at first, seldom later, never while nobody looks. */

const WAITS = [2, 3, 5, 8, 13, 20, 30];
let asked = 0;
let timer = 0;

function next() {
  clearTimeout(timer);
  const place = document.querySelector("[data-live]");
  if (!place || document.hidden) return;
  timer = setTimeout(() => {
    asked += 1;
    window.htmx?.trigger(place, "live");
    next();
  }, WAITS[Math.min(asked, WAITS.length - 1)] * 1000);
}

document.addEventListener("visibilitychange", () => {
  asked = 0;
  next();
});

/* Something moved: what comes after it comes soon. */
document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target?.id?.startsWith("row-")) asked = 0;
  next();
});
document.addEventListener("document-moved", () => {
  asked = 0;
});
document.addEventListener("htmx:afterSwap", next);

/* Lines that are not in the list (any more) need not come. */
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "live") return;
  const lines = document.querySelectorAll("li[id^='row-']");
  event.detail.parameters.lines = [...lines].map((line) => line.id.slice(4)).join(".");
});

next();
