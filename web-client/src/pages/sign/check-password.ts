// The server's rule for new passwords, checked before sending.

const PASSWORD_LEAST = 8;

/** The error message for a new password; undefined when it may be sent. */
export function checkPassword(password: string): string | undefined {
  if (password === "") return "Enter a password.";
  return password.length < PASSWORD_LEAST
    ? `Use at least ${PASSWORD_LEAST} characters.`
    : undefined;
}
