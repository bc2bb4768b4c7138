// The button to sign in with a provider, which few servers have: it loads beside the form.
import { LazyPart } from "../../ui/Part.tsx";

export const continueWith = new LazyPart(() => import("./provider/ContinueWith.tsx"));
