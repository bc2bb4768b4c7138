// The frame around the grid in the colour of the person that is followed, and the button that ends it.
import type { CSSProperties } from "react";
import { useStore } from "../../../base/store.ts";
import type { Follow } from "./follow.ts";
import { calledOf } from "./person-label.ts";

export function FollowFrame({ follow }: { follow: Follow }) {
  const person = useStore(follow.person);
  return (
    <>
      <p className="visually-hidden" role="status">
        {person === undefined ? "" : `Following ${calledOf(person)}`}
      </p>
      {person === undefined ? null : (
        <div className="follow-frame" style={{ "--person": person.color } as CSSProperties}>
          <button type="button" data-testid="follow-stop" onClick={follow.stop}>
            Following {calledOf(person)} · Stop
          </button>
        </div>
      )}
    </>
  );
}
