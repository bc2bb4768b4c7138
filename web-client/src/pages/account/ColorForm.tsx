// The form that chooses the colour of the account: that of its cursor, its selection and its badge.
import { useMutation } from "@connectrpc/connect-query";
import { type CSSProperties, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { accountChanged, type Session } from "../../api/session.ts";
import { COLOR_NUMBERS, colorOfNumber, derivedColor } from "../../base/person-color.ts";
import { AccountService } from "../../gen/gridloom/v1/accounts_pb.ts";
import { AccountColor } from "../../gen/gridloom/v1/colors_pb.ts";
import { ActionForm } from "../sign/ActionForm.tsx";

const AUTOMATIC = AccountColor.UNSPECIFIED;

/** "Orange" for `ORANGE`. */
function nameOf(color: AccountColor): string {
  if (color === AUTOMATIC) return "Automatic";
  const name = AccountColor[color].toLowerCase();
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function ColorForm({ user }: { user: Session }) {
  const [color, setColor] = useState<AccountColor>(user.color);
  const changing = useMutation(AccountService.method.updateAccount, {
    onSuccess: ({ account }) => account !== undefined && accountChanged(account),
  });
  const onPick = (next: AccountColor) => {
    setColor(next);
    changing.reset();
  };
  const { error } = changing;
  return (
    <section className="account-part" aria-labelledby="account-color-title">
      <h2 id="account-color-title">Colour</h2>
      <p className="account-about">
        Others see your cursor and your badge in it, at once on sheets that you have open.
      </p>
      <ActionForm
        action="Change the colour"
        look="plain"
        id="color"
        isPending={changing.isPending}
        failure={error === null ? "" : errorText(error)}
        onSubmit={() => changing.mutate({ color })}
      >
        <fieldset className="swatches">
          <legend className="visually-hidden">Colour</legend>
          {[AUTOMATIC, ...COLOR_NUMBERS].map((number) => (
            <Swatch
              key={number}
              number={number}
              color={colorOfNumber(number) ?? derivedColor(user.accountId)}
              isPicked={number === color}
              onPick={onPick}
            />
          ))}
        </fieldset>
        <p className="note" data-testid="color-picked">
          {nameOf(color)}
        </p>
      </ActionForm>
      <p className="account-done" role="status" data-testid="color-changed">
        {changing.isSuccess ? "Your colour is changed." : ""}
      </p>
    </section>
  );
}

interface SwatchProps {
  number: AccountColor;
  color: string;
  isPicked: boolean;
  onPick: (number: AccountColor) => void;
}

function Swatch({ number, color, isPicked, onPick }: SwatchProps) {
  const name = nameOf(number);
  return (
    <label className="swatch" title={name} style={{ "--person": color } as CSSProperties}>
      <input
        type="radio"
        name="account-color"
        aria-label={name}
        checked={isPicked}
        data-testid={`color-${number}`}
        onChange={() => onPick(number)}
      />
      <span aria-hidden="true">{number === AUTOMATIC ? "A" : ""}</span>
    </label>
  );
}
