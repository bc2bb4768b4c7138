// The main landmark of a page: one, also where a page is made of several that stand alone elsewhere.
import { createContext, type HTMLAttributes, useContext } from "react";

const InMain = createContext(false);

/** The main landmark; a plain element inside of another one. */
export function Main(props: HTMLAttributes<HTMLElement>) {
  const Tag = useContext(InMain) ? "div" : "main";
  return (
    <InMain value>
      <Tag {...props} />
    </InMain>
  );
}
