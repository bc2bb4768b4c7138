// The content of a file that was uploaded, as far as it is not there any more: what a person reads of it.
import { sizeText } from "../../../base/size-text.ts";
import { day } from "../../../base/text.ts";
import type { File } from "../../../gen/gridloom/v1/files_pb.ts";

type Original = Pick<File, "originalDeletedAtMicros">;

/** When it was deleted, as a short text; undefined while it is there. */
export function originalText({ originalDeletedAtMicros: at }: Original): string | undefined {
  return at === 0n ? undefined : `Original deleted on ${day(Number(at / 1000n))}`;
}

/** Why a file is not downloaded; undefined for one that is. */
export function noDownload(file: Original): string | undefined {
  const text = originalText(file);
  return text === undefined ? undefined : `${text}: save its rows as a file to download them.`;
}

/** What stays and what ends, before the person confirms it. */
export function confirmText({ sizeBytes }: Pick<File, "sizeBytes">): string {
  return (
    `The tables that were read of it stay: you look at them, and make files and sheets of them, as before. ` +
    `The uploaded content, ${sizeText(sizeBytes)}, is freed within two hours, unless another file of yours has the same. ` +
    `It can't be downloaded or read again after that, and this can't be undone.`
  );
}
