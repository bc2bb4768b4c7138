// Where the page of a file is. Pages of other subjects lead to it, too.

export function filePath(id: string): string {
  return `/file/${encodeURIComponent(id)}`;
}
