// Offers a file that the page has made as a download.
/** Downloads a file. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // After the click the download has its own reference to the data.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
