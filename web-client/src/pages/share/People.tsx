// The persons with a role on a sheet or a file, and for its owner the form that gives one to a further address.
import type { Share } from "../../gen/gridloom/v1/sharing_pb.ts";
import { AddPerson } from "./AddPerson.tsx";
import { PersonRow } from "./PersonRow.tsx";
import type { Shareable } from "./shareable.ts";

/**
 * One person may have a role by its address and others by links. The account of an address is known from the first use
 * of the role on: the row stays, with what is open in it.
 */
function keyOf({ accountId, email, linkId }: Share): string {
  return `${email || accountId}/${linkId}`;
}

export function People({ of, isCut = false }: { of: Shareable; isCut?: boolean }) {
  return (
    <>
      {of.isOwner ? <AddPerson of={of} /> : null}
      <section>
        <h3>People</h3>
        <ul className="share-list" data-testid="shares">
          {of.shares.map((share) => (
            <PersonRow key={keyOf(share)} {...{ of, share }} />
          ))}
        </ul>
        {isCut ? <p className="note">The latest persons are left out.</p> : null}
      </section>
    </>
  );
}
