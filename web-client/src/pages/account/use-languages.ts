// The languages among which a person chooses, as soon as the engine that has them is loaded.
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { loadEngine } from "../../live/engine/engine.ts";
import { type Language, languages } from "./languages.ts";

async function readLanguages(own: string): Promise<Language[]> {
  await loadEngine();
  return languages(own);
}

/** `own`: a language that the list has, also where it is not offered. */
export function useLanguages(own: string): UseQueryResult<Language[]> {
  return useQuery({ queryKey: ["languages", own], queryFn: () => readLanguages(own) });
}
