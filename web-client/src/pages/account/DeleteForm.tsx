// The form that deletes the account: what becomes of its sheets, and the password.
import { useQuery } from "@connectrpc/connect-query";
import { type FormEvent, useState } from "react";
import { doneBefore, errorText, fieldError } from "../../api/errors.ts";
import { reasonOf } from "../../api/reasons.ts";
import { isGuest, type Session } from "../../api/session.ts";
import { plural } from "../../base/text.ts";
import { AccountService } from "../../gen/gridloom/v1/accounts_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/TextField.tsx";
import type { Choice, Fate } from "./deletion-address.ts";
import { SignInFirst } from "./SignInFirst.tsx";
import { useDeletion } from "./use-deletion.ts";

interface Form extends Choice {
  password: string;
}

type Errors = { [field in keyof Form]?: string | undefined };

function check(form: Form, { sheets, asks }: { sheets: number; asks: boolean }): Errors {
  const errors: Errors = {};
  if (asks && form.password === "") errors.password = "Enter your password.";
  if (sheets > 0 && form.fate === undefined) errors.fate = "Choose what becomes of your sheets.";
  if (form.fate === "give" && !/^\S+@\S+$/.test(form.to.trim()))
    errors.to = "Enter an e-mail address.";
  return errors;
}

/** The refusals that are about the recipient of the sheets. */
const OF_RECIPIENT = ["NOT_OPENED", "RECIPIENT_FULL"];

function refusals(error: unknown): Errors {
  if (error === null) return {};
  const { name } = reasonOf(error);
  const before = doneBefore(error);
  return {
    password: fieldError(error, "password"),
    to:
      name === "NOT_OPENED"
        ? `${before}This person has not opened each of your sheets. Share them first.`
        : OF_RECIPIENT.includes(name)
          ? before + errorText(error)
          : (fieldError(error, "transfer_to") ?? fieldError(error, "email")),
    // A sheet was made since this page has asked.
    fate: name === "OWNS_SHEETS" ? "Choose what becomes of your sheets." : undefined,
  };
}

interface DeleteFormProps {
  user: Session;
  /** What the person has chosen before. */
  choice: Choice;
  onClose: () => void;
}

export function DeleteForm({ user, choice, onClose }: DeleteFormProps) {
  const usage = useQuery(AccountService.method.whoAmI, { usage: true }, { gcTime: 0 });
  const [form, setForm] = useState<Form>({ ...choice, password: "" });
  const [found, setFound] = useState<Errors>({});
  const deleting = useDeletion(user);
  const refused = refusals(deleting.error);
  const sheets = Number(usage.data?.usage?.sheets ?? 0n) || (refused.fate === undefined ? 0 : 1);
  const asks = !isGuest(user) && usage.data?.hasPassword !== false;
  const set = (part: Partial<Form>) => {
    setForm({ ...form, ...part });
    setFound({});
    deleting.reset();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = check(form, { sheets, asks });
    setFound(wrong);
    deleting.reset();
    if (Object.keys(wrong).length > 0) return;
    const transferTo = form.fate === "give" ? form.to.trim() : "";
    const deleteSheets = form.fate === "delete";
    deleting.mutate({ password: form.password, deleteSheets, transferTo });
  };
  if (usage.data === undefined) return <Loading error={usage.error} retry={usage.refetch} />;
  if (deleting.error !== null && reasonOf(deleting.error).name === "SIGN_IN_AGAIN")
    return <SignInFirst {...{ user, onClose }} choice={form} />;
  const errors = { ...refused, ...found };
  const atField = Object.values(refused).some((text) => text !== undefined);
  const failure =
    deleting.error === null || atField
      ? ""
      : doneBefore(deleting.error) + errorText(deleting.error);
  return (
    <form className="stack" onSubmit={onSubmit} noValidate data-testid="delete-form">
      {sheets > 0 ? <Sheets {...{ form, set, errors, sheets }} /> : <p>You own no sheets.</p>}
      {asks ? (
        <TextField
          label="Your password"
          type="password"
          value={form.password}
          onChange={(password) => set({ password })}
          autoComplete="current-password"
          error={errors.password}
          testId="delete-password"
          first
        />
      ) : null}
      <p className="form-error" role="alert" data-testid="delete-error">
        {failure}
      </p>
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="danger"
          type="submit"
          disabled={deleting.isPending}
          data-testid="delete-submit"
        >
          {deleting.isPending ? progressOf(deleting.left) : "Delete account"}
        </Button>
      </div>
    </form>
  );
}

function progressOf(left: number | undefined): string {
  return left === undefined ? "Deleting…" : `Deleting… ${plural(left, "sheet")} left`;
}

function Loading({ error, retry }: { error: Error | null; retry: () => Promise<unknown> }) {
  if (error === null) return <span className="spinner" role="status" aria-label="Loading" />;
  return (
    <div className="stack">
      <p role="alert">{errorText(error)}</p>
      <Button onClick={() => void retry()}>Try again</Button>
    </div>
  );
}

interface SheetsProps {
  form: Form;
  set: (part: Partial<Form>) => void;
  errors: Errors;
  sheets: number;
}

function Sheets({ form, set, errors, sheets }: SheetsProps) {
  const choice = (fate: Fate, text: string) => (
    <label className="choice">
      <input
        type="radio"
        name="fate"
        checked={form.fate === fate}
        aria-describedby="fate-note"
        data-testid={`fate-${fate}`}
        onChange={() => set({ fate })}
      />
      {text}
    </label>
  );
  return (
    <fieldset className="stack choices">
      <legend>What becomes of your {sheets === 1 ? "sheet" : plural(sheets, "sheet")}?</legend>
      {choice("delete", "Delete, without a way to restore")}
      {choice("give", "Give to another person")}
      <p id="fate-note" className={errors.fate === undefined ? "note" : "note error"}>
        {errors.fate ??
          "To give sheets to several persons, make each of them the owner under Share first."}
      </p>
      {form.fate === "give" ? (
        <TextField
          label="E-mail address of the new owner"
          type="email"
          value={form.to}
          onChange={(to) => set({ to })}
          autoComplete="off"
          error={errors.to}
          hint="The person has opened each of the sheets before"
          testId="delete-to"
        />
      ) : null}
    </fieldset>
  );
}
