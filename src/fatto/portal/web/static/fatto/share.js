/* Files that another app shared: the worker holds them until it is said whose they are. */

const form = document.querySelector("[data-share]");
const list = document.querySelector("[data-share-files]");
const none = document.querySelector("[data-share-none]");

async function waiting() {
  if (!("caches" in window) || !(await caches.has("fatto-shared"))) return [];
  const cache = await caches.open("fatto-shared");
  const files = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    const name = decodeURIComponent(response.headers.get("Fatto-Title") ?? "file");
    files.push(new File([await response.blob()], name, { type: response.headers.get("Content-Type") ?? "" }));
  }
  return files;
}

if (form) {
  const files = await waiting();
  if (files.length) {
    const held = new DataTransfer();
    for (const file of files) {
      held.items.add(file);
      const item = document.createElement("li");
      item.textContent = file.name;
      list.append(item);
    }
    form.elements.files.files = held.files;
    form.hidden = false;
    form.addEventListener("submit", () => {
      form.action = form.elements.place.value;
      form.elements.place.disabled = true;
      caches.delete("fatto-shared");
    });
  } else none.hidden = false;
}
