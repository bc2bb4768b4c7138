// The icons of the page, by the names that the page uses.
import {
  ArrowLeft,
  BetweenHorizontalStart,
  BetweenVerticalStart,
  Check,
  ChevronDown,
  ChevronRight,
  CircleQuestionMark,
  Download,
  EllipsisVertical,
  History,
  LogOut,
  Moon,
  Plus,
  Search,
  Sun,
  Table2,
  Upload,
  UserPlus,
  X,
} from "lucide-react";

const ICONS = {
  arrowLeft: ArrowLeft,
  check: Check,
  chevronDown: ChevronDown,
  chevronRight: ChevronRight,
  columnPlus: BetweenVerticalStart,
  dots: EllipsisVertical,
  download: Download,
  grid: Table2,
  help: CircleQuestionMark,
  history: History,
  moon: Moon,
  plus: Plus,
  rowPlus: BetweenHorizontalStart,
  search: Search,
  signOut: LogOut,
  sun: Sun,
  share: UserPlus,
  upload: Upload,
  x: X,
} as const;

export type IconName = keyof typeof ICONS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  const Drawn = ICONS[name];
  return <Drawn className="icon" size={size} aria-hidden="true" />;
}
