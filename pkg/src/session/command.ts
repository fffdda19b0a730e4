// Commands for one session, other than a refresh.

import { machine } from "./machine.js";
import { encoded } from "./message.js";
import type { SessionKey } from "./store.js";

/** The actions that a session takes. Times are in seconds unless a name says milliseconds. */
export type Action =
  /**
   * A new session joins its subject's epoch, unless that is younger than `agoMs`. `nowMs` serves stores without a
   * clock.
   */
  | { readonly action: "settle"; readonly agoMs: number | undefined; readonly nowMs: number }
  /** The session ends. */
  | { readonly action: "revoke" }
  /** The session `by`, which was raised from it, takes its place. */
  | { readonly action: "supersede"; readonly by: string }
  /** The session `raised` was raised from it; not if another one was within `grace`. */
  | { readonly action: "raise"; readonly raised: string; readonly grace: number }
  /** The first tokens of a raised session are given again. */
  | { readonly action: "repeat" };

/** Encodes an action on a session as a command. */
export function commandTo({ iss, sub, sid }: SessionKey, now: number, action: Action): Uint8Array {
  const message = encoded({ iss, sub, sid, now, ...action });
  return machine((core) => core.session_command(message));
}
