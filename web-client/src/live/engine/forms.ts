// What the engine knows of texts without a column: the form of several options, of links, and of settings, and which texts
// are the same.
export {
  foldText,
  isOfKind,
  joinOptions,
  settingsProblem,
  splitOptions,
} from "../../../engine/pkg/web_engine.js";
