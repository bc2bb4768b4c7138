// The icons of the page, by the names that the page uses. A part that loads later brings its own ones.
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
  type LucideIcon,
  MessageSquareText,
  MessagesSquare,
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
  chat: MessagesSquare,
  check: Check,
  chevronDown: ChevronDown,
  chevronRight: ChevronRight,
  columnPlus: BetweenVerticalStart,
  comment: MessageSquareText,
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

export type IconName = keyof typeof ICONS | LucideIcon;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  const Drawn = typeof name === "string" ? ICONS[name] : name;
  return <Drawn className="icon" size={size} aria-hidden="true" />;
}
