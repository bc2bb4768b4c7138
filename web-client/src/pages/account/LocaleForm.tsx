// The form that chooses by which language the numbers and days of the account are read.
//
// The engine has the languages and how they write: the examples are what it reads.
import { useMutation } from "@connectrpc/connect-query";
import { useState } from "react";
import { errorText, fieldError } from "../../api/errors.ts";
import { accountChanged, type Session } from "../../api/session.ts";
import { AccountService } from "../../gen/gridloom/v1/accounts_pb.ts";
import { Select } from "../../ui/Select.tsx";
import { ActionForm } from "../sign/ActionForm.tsx";
import { type Language, NONE, shownLanguage } from "./languages.ts";
import { useLanguages } from "./use-languages.ts";

export function LocaleForm({ user }: { user: Session }) {
  // The list stays while a choice is made.
  const [own] = useState(user.locale ?? NONE);
  const known = useLanguages(own);
  return (
    <section className="account-part" aria-labelledby="account-locale-title">
      <h2 id="account-locale-title">Numbers and dates</h2>
      <p className="account-about">
        In columns of a kind, such as Number or Date, what you type and paste is read as in this
        language, unless the column has one of its own. Columns of the kind Anything are read by no
        language. Nothing that is stored changes.
      </p>
      {known.data === undefined ? (
        <p className="note" role="status">
          {known.isError ? errorText(known.error) : "Loading the languages…"}
        </p>
      ) : (
        <Choice user={user} known={known.data} />
      )}
    </section>
  );
}

function Choice({ user, known }: { user: Session; known: readonly Language[] }) {
  const [tag, setTag] = useState(() => shownLanguage(known, user.locale ?? NONE));
  const changing = useMutation(AccountService.method.updateAccount, {
    onSuccess: ({ account }) => account !== undefined && accountChanged(account),
  });
  const onPick = (next: string) => {
    setTag(next);
    changing.reset();
  };
  const { error, data } = changing;
  const atField = fieldError(error, "locale");
  const isKept = data?.account?.locale !== undefined;
  return (
    <>
      <ActionForm
        action="Change the language"
        look="plain"
        id="locale"
        isPending={changing.isPending}
        failure={error === null || atField !== undefined ? "" : errorText(error)}
        // With the colour: a server of an earlier release would reset a name without it.
        onSubmit={() => changing.mutate({ color: user.color, locale: tag })}
      >
        <Select
          label="As in"
          options={known.map(({ tag, name, number, day }) => ({
            value: tag,
            label: name,
            about: `${number} · ${day}`,
          }))}
          value={tag}
          onChange={onPick}
          error={atField}
          hint={exampleOf(known, tag)}
          testId="account-locale"
        />
      </ActionForm>
      <p className="account-done" role="status" data-testid="locale-changed">
        {data === undefined ? "" : isKept ? "Your language is changed." : EARLIER}
      </p>
    </>
  );
}

const EARLIER =
  "This server is of an earlier release, which keeps no language. Nothing is changed.";

function exampleOf(known: readonly Language[], tag: string): string {
  const found = known.find((language) => language.tag === tag);
  return found === undefined ? "" : `A number is ${found.number}, a day is ${found.day}`;
}
