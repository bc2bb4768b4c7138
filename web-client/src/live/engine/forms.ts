// What the engine knows of texts without a column: the form of several options, of links, and of settings.
export {
  isOfKind,
  joinOptions,
  settingsProblem,
  splitOptions,
} from "../../../engine/pkg/web_engine.js";
