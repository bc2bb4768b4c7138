// Why a transfer waits, as a sentence for a person who has nothing to do: the call is made again without them.
import { fileProblem } from "./file-problem.ts";

/** The advice at the end of a problem that a person has to solve. */
const ADVICE =
  / (?:Check the connection and try again|Wait a moment and try again|Try again(?: in a moment| later)?)\.$/;

export function waitText(error: unknown): string {
  const problem = fileProblem(error);
  return problem.replace(ADVICE, " This continues alone.");
}
