/* Finding among many boxes to tick: hides those that do not fit. What is ticked stays ticked. */

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

for (const search of document.querySelectorAll("[data-picks]")) {
  const place = document.getElementById(search.dataset.picks);
  if (!place) continue;
  search.hidden = false;
  search.addEventListener("input", () => {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    for (const pick of place.children) {
      const text = plain(pick.textContent);
      pick.hidden = !words.every((word) => text.includes(word));
    }
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}
