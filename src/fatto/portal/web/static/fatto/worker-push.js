/* The part of the service worker that shows pushes, and opens what they are about. For importScripts. */

self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data ? event.data.json() : {};
  } catch {
    // Not ours: browsers want something shown all the same.
  }
  const { title = "Fatto", body = "", url = "/", tag } = said;
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: { url }, icon: "/static/fatto/icon.svg" }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const asked = new URL(event.notification.data?.url ?? "/", self.location.origin);
  // Only addresses of this portal are opened, whatever was sent.
  const url = asked.origin === self.location.origin ? asked.href : self.location.origin;
  event.waitUntil(
    (async () => {
      for (const page of await self.clients.matchAll({ type: "window", includeUncontrolled: true }))
        if (page.url === url) return page.focus();
      return self.clients.openWindow(url);
    })(),
  );
});
