// Sentences of the server without the options of `gridctl`, which they name in brackets at their end.

const OPTIONS = / \(--[a-z-]+(?:, --[a-z-]+)*\)/g;

/** A sentence for a person at the page: the dialog has what the options of the program stand for. */
export function withoutOptions(sentence: string): string {
  return sentence.replaceAll(OPTIONS, "");
}
