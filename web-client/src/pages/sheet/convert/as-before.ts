// Whether a column is as it was when a person chose its conversion.
import { toBinary } from "@bufbuild/protobuf";
import { sameBytes } from "../../../base/bytes.ts";
import {
  type Column,
  ColumnKind,
  ColumnSettingsSchema,
} from "../../../gen/gridloom/v1/values_pb.ts";

function bytesOf({ settings }: Column): Uint8Array {
  return settings === undefined ? new Uint8Array() : toBinary(ColumnSettingsSchema, settings);
}

/** Whether a column still has the kind and the settings that it had `before`. */
export function isAsBefore(before: Column, now: Column): boolean {
  const isOfKind = (now.kind || ColumnKind.ANY) === (before.kind || ColumnKind.ANY);
  return isOfKind && sameBytes(bytesOf(before), bytesOf(now));
}
