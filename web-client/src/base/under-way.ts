// How many uploads of this tab are under way: they end with the session, so a sign-out asks first.
//
// What it is not: the transfers themselves, which load with the page of files.
import { Store } from "./store.ts";

export const underWay = new Store(0);
