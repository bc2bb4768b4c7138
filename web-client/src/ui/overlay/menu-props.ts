// The properties of menus. Types alone.
import type { ComponentProps, ReactElement } from "react";
import type { MenuGroups } from "./MenuPanel.tsx";

/** A menu that is open at a point while it is mounted. */
export interface MenuProps {
  at: { x: number; y: number };
  label: string;
  groups: MenuGroups;
  onClose: () => void;
}

/** A button with a menu below it. */
export interface MenuButtonProps {
  label: string;
  groups: MenuGroups;
  /** The button, without its content. */
  button: ReactElement<ComponentProps<"button">>;
}

/** What happened to the button before its menu was loaded. */
export interface Early {
  /** How its menu was asked for. */
  asked: "key" | "pointer" | undefined;
  focused: boolean;
}

export type AnyMenuProps = MenuProps | (MenuButtonProps & Early);
