// The files of a drop. A folder is none.

interface Dropped {
  files: File[];
  /** The names of folders. */
  folders: string[];
}

type Transfer = Pick<DataTransfer, "items">;

/** Called in the event of the drop: later its items are empty. */
export function droppedFiles({ items }: Transfer): Dropped {
  const found: Dropped = { files: [], folders: [] };
  for (const item of items) {
    const file = item.kind === "file" ? item.getAsFile() : null;
    if (file === null) continue;
    if (item.webkitGetAsEntry?.()?.isDirectory === true) found.folders.push(file.name);
    else found.files.push(file);
  }
  return found;
}
