/** Files and folders dropped anywhere on the page. */

/** @typedef {{file: File, name: string}} Given  `name`: with the folders that it came in */

/**
 * @param {HTMLElement} veil  shown as long as files are held over the page
 * @param {(files: Given[]) => void} receive
 */
export function acceptDrops(veil, receive) {
  let depth = 0; // dragenter and dragleave come in pairs for every element on the way

  /** @param {DragEvent} event */
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;

  /** @param {number} now */
  const show = (now) => {
    depth = Math.max(0, now);
    veil.hidden = depth === 0;
  };

  addEventListener("dragenter", (event) => hasFiles(event) && show(depth + 1));
  addEventListener("dragleave", (event) => hasFiles(event) && show(depth - 1));
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", async (event) => {
    if (!hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    show(0);
    receive(await filesOf(event.dataTransfer));
  });
}

/**
 * @param {DataTransfer} data
 * @returns {Promise<Given[]>}
 */
async function filesOf(data) {
  // Both must be asked for now: once the event is over, the transfer is empty.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = [...data.files].map((file) => ({ file, name: file.name }));
  if (!entries.some((entry) => entry?.isDirectory)) return files;
  const found = [];
  for (const entry of entries) if (entry) found.push(...(await filesIn(entry)));
  return found;
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<Given[]>}
 */
async function filesIn(entry) {
  const name = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    return [{ file, name }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found; // it gives a hundred at a time
    for (const each of some) found.push(...(await filesIn(each)));
  }
}
