// A problem of this browser or its computer, such as a full disk. No repetition of a call solves it.

/** The message is a sentence for the person. */
export class LocalProblem extends Error {}
