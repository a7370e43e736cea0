/* Switching pushes on for this browser. It needs the service worker, which shows them. */

const row = document.querySelector("[data-push]");

const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};

const same = (one, other) => one.length === other.length && one.every((byte, n) => byte === other[n]);

async function switchOn() {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("refused");
  await navigator.serviceWorker.register(row.dataset.worker);
  const { pushManager } = await navigator.serviceWorker.ready;
  const key = bytes(row.dataset.key);
  let subscription = await pushManager.getSubscription();
  if (subscription) {
    // One made under an older key of the portal takes nothing any more.
    const before = subscription.options.applicationServerKey;
    if (!before || !same(new Uint8Array(before), key)) {
      await subscription.unsubscribe();
      subscription = null;
    }
  }
  subscription ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const answer = await fetch(row.dataset.url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("input[name=csrfmiddlewaretoken]").value,
    },
    body: JSON.stringify(subscription.toJSON()),
  });
  if (!answer.ok) throw new Error("failed");
}

if (row && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  row.hidden = false;
  const button = row.querySelector("[data-push-on]");
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await switchOn();
      location.reload();
    } catch (trouble) {
      const said = row.querySelector("[data-push-said]");
      said.textContent = trouble.message === "refused" ? row.dataset.refused : row.dataset.failed;
      button.disabled = false;
    }
  });
}
