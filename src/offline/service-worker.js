/**
 * Makes the site work offline. The build puts in what there is to keep: `version` changes whenever any file does, and
 * `files` are the paths below the site's base. Pages are fetched anew where there is a network; all else never changes
 * under its name.
 */
const version = /* version */ '';
const files = /* files */ [];

const cacheName = `guesthouse-${version}`;
const base = new URL('./', self.location.href);

self.addEventListener('install', (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOld().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  const ours = event.request.method === 'GET' && url.origin === base.origin && url.pathname.startsWith(base.pathname);
  if (ours) event.respondWith(event.request.mode === 'navigate' ? pageFor(event.request) : fileFor(event.request));
});

/** What an older version kept under the same name is taken over: names in `_astro/` hold a hash. */
async function keepAll() {
  const cache = await caches.open(cacheName);
  for (const file of files) {
    const url = new URL(file, base).href;
    const known = file.startsWith('_astro/') ? await caches.match(url) : undefined;
    if (known === undefined) await cache.add(new Request(url, { cache: 'no-cache' }));
    else await cache.put(url, known);
  }
}

async function forgetOld() {
  for (const name of await caches.keys()) {
    if (name.startsWith('guesthouse-') && name !== cacheName) await caches.delete(name);
  }
}

async function pageFor(request) {
  try {
    return await fetch(request);
  } catch {
    const cache = await caches.open(cacheName);
    const kept = await cache.match(request.url, { ignoreSearch: true });
    return kept ?? (await cache.match(new URL('404.html', base).href)) ?? Response.error();
  }
}

async function fileFor(request) {
  const cache = await caches.open(cacheName);
  return (await cache.match(request)) ?? fetch(request);
}
