// Buttons. Their looks: primary at most once on a page, quiet in bars, danger for destructive actions.
import type { ComponentProps } from "react";
import { Icon, type IconName } from "./Icon.tsx";
import { Tooltip } from "./Tooltip.tsx";

interface ButtonProps extends ComponentProps<"button"> {
  look?: "primary" | "plain" | "quiet" | "danger";
  icon?: IconName;
}

export function Button({ look = "plain", icon, children, className, ...rest }: ButtonProps) {
  return (
    <button type="button" className={`button ${look} ${className ?? ""}`} {...rest}>
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  icon: IconName;
  /** The label for screen readers, also shown on hover. */
  label: string;
}

export function IconButton({ icon, label, className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        className={`icon-button ${className ?? ""}`}
        aria-label={label}
        {...rest}
      >
        <Icon name={icon} />
      </button>
    </Tooltip>
  );
}
