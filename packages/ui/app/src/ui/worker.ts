/** A worker of a script of ours. In somebody else's page it begins with a script of that page, which browsers demand. */
export function workerAt(script: string): Worker {
  const url = new URL(script, import.meta.url);
  if (url.origin === location.origin) return new Worker(url);
  const start = URL.createObjectURL(
    new Blob([`importScripts(${JSON.stringify(url.href)})`], { type: "text/javascript" }),
  );
  const worker = new Worker(start);
  setTimeout(() => URL.revokeObjectURL(start), 10_000); // it has been read by then
  return worker;
}
