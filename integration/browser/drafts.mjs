// Reads the drafts that a browser has stored.

/** Milliseconds until missing drafts fail the scenario. */
const PATIENCE = 20_000;

/** Waits until the browser has stored `count` drafts, with `text` in one of them. */
export function keepsDrafts(page, count, text = "") {
  return page.evaluate(
    async ({ count, text, patience }) => {
      const read = () =>
        new Promise((resolve, reject) => {
          const opening = indexedDB.open("gridloom");
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const database = opening.result;
            const end = (found) => {
              database.close();
              resolve(found);
            };
            if (!database.objectStoreNames.contains("drafts")) return end([]);
            // Refused edits have names of their own.
            const drafts = IDBKeyRange.bound("draft/", "draft0");
            const reading = database.transaction("drafts").objectStore("drafts").getAll(drafts);
            reading.onsuccess = () => end(reading.result);
          };
        });
      const giveUp = performance.now() + patience;
      for (;;) {
        const kept = (await read()).map(({ bytes }) => new TextDecoder().decode(bytes));
        if (kept.length === count && (count === 0 || kept.some((it) => it.includes(text)))) return;
        if (performance.now() > giveUp)
          throw new Error(`${kept.length} drafts are stored, not ${count} with “${text}”`);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    },
    { count, text, patience: PATIENCE },
  );
}
