// The links of a sheet: the owner makes, copies and ends them.
import { useState } from "react";
import { errorText } from "../../api/errors.ts";
import { copyText } from "../../base/copy.ts";
import { day, plural } from "../../base/text.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import type { Link } from "../../gen/gridloom/v1/sharing_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Select } from "../../ui/Select.tsx";
import { ROLE_OPTIONS, roleName, roleOf } from "../shared/roles.ts";
import { addressOf } from "./made-links.ts";
import { useCreateLink, useDeleteLink } from "./use-shares.ts";

const DAY_MILLIS = 86_400_000;
const ENDS = [
  { value: "0", label: "Never" },
  { value: "1", label: "In 1 day" },
  { value: "7", label: "In 7 days" },
  { value: "30", label: "In 30 days" },
] as const;

export function Links({ id, links }: { id: string; links: readonly Link[] }) {
  return (
    <section>
      <h3>Links</h3>
      {links.length === 0 ? (
        <p className="note">
          A link gives its role to each person who opens it. Copy its address when you make it: it
          is not shown again after you leave this page.
        </p>
      ) : (
        <ul className="share-list" data-testid="links">
          {links.map((link) => (
            <LinkRow key={link.id} {...{ id, link }} />
          ))}
        </ul>
      )}
      <MakeLink id={id} />
    </section>
  );
}

function factsOf({ role, guests, expiresMicros, opened }: Link): string {
  const facts = [roleName(role), guests ? "guests allowed" : "accounts only"];
  if (expiresMicros > 0n) facts.push(`ends ${day(Number(expiresMicros / 1000n))}`);
  if (opened > 0) facts.push(`opened by ${plural(opened, "account")}`);
  return facts.join(" · ");
}

function LinkRow({ id, link }: { id: string; link: Link }) {
  const ending = useDeleteLink();
  const address = addressOf(link);
  const facts = factsOf(link);
  return (
    <li className="share-row link-row" data-testid="link-row">
      <div className="share-who">
        {address === null ? (
          <span data-testid="link-shown">Its address was shown when it was made</span>
        ) : (
          <input
            className="link-address"
            readOnly
            aria-label={`Address of the link: ${facts}`}
            value={address}
            data-testid="link-address"
            onFocus={(event) => event.target.select()}
          />
        )}
        <span className="share-about">{facts}</span>
      </div>
      {address === null ? null : <CopyAddress address={address} />}
      <Button
        look="danger"
        data-testid="link-end"
        title="Ends the link, and the roles that it gave"
        disabled={ending.isPending}
        onClick={() => ending.mutate({ sheetId: id, link: link.id })}
      >
        End
      </Button>
      {ending.error === null ? null : (
        <p className="note error share-error" role="alert">
          {errorText(ending.error)}
        </p>
      )}
    </li>
  );
}

function CopyAddress({ address }: { address: string }) {
  const [copied, setCopied] = useState(false);
  // Without access to the clipboard, the person copies the address from its field.
  const copy = async () => setCopied(await copyText(address));
  return (
    <Button data-testid="link-copy" onClick={() => void copy()}>
      {copied ? "Copied" : "Copy"}
    </Button>
  );
}

function MakeLink({ id }: { id: string }) {
  const [role, setRole] = useState(String(Role.VIEWER));
  const [days, setDays] = useState<(typeof ENDS)[number]["value"]>("7");
  const [guests, setGuests] = useState(false);
  const making = useCreateLink();
  const make = () => {
    const end = days === "0" ? 0n : BigInt(Date.now() + Number(days) * DAY_MILLIS) * 1000n;
    making.mutate({ sheetId: id, role: roleOf({ value: role }), guests, expiresMicros: end });
  };
  return (
    <div className="link-make">
      <Select
        label="Role of a new link"
        options={ROLE_OPTIONS}
        value={role}
        onChange={setRole}
        error={making.error === null ? undefined : errorText(making.error)}
        testId="link-role"
      />
      <Select label="Ends" options={ENDS} value={days} onChange={setDays} testId="link-days" />
      <label className="link-guests">
        <input
          type="checkbox"
          checked={guests}
          data-testid="link-guests"
          onChange={(event) => setGuests(event.target.checked)}
        />
        Guests may open it
      </label>
      <Button data-testid="link-make" disabled={making.isPending} onClick={make}>
        Make a link
      </Button>
    </div>
  );
}
