// Calls into the session machine, which is in the wasm. A reply begins with 0 and holds a value, or begins with 1 and
// holds the code of an error. An instance that trapped is replaced.

import { type Core, core } from "../core/core.js";
import { CODES } from "../core/error-codes.js";
import type { Common, Instance } from "../core/instance.js";
import { TextDecoder } from "../core/text.js";
import { SessionError, type SessionErrorCode, type TextOrCode } from "./errors.js";
import { encoded, type Message } from "./message.js";
import { type Epoch, subjectEpoch } from "./store.js";

/** Calls the machine. Throws a `SessionError` for what it refuses. */
export function machine(call: (core: Core) => Uint8Array): Uint8Array {
  return acceptedOf(replyOf(core, call));
}

/** Calls a wasm for text, and gives the code of what it refuses. */
export function attempt<Exports extends Common>(
  home: Instance<Exports>,
  call: (exports: Exports) => Uint8Array,
): TextOrCode {
  return attemptOf(replyOf(home, call));
}

/** A call that asks for the number of an issuer. */
type IssuerCall = (core: Core, issuer: number) => Uint8Array;

/**
 * The keys and the policy of an issuer, as the machine holds them: it has read them once, and knows them by a number.
 * They are read again after the instance was replaced, or where a server has so many issuers that this one made room
 * for another.
 */
export class Issuer {
  readonly #message: Uint8Array;
  #number = 0;
  #instance: number | undefined;

  constructor(message: Message) {
    this.#message = encoded(message);
    this.#make();
  }

  /** Calls the machine. Throws a `SessionError` for what it refuses. */
  bytes(call: IssuerCall): Uint8Array {
    return acceptedOf(this.reply(call));
  }

  /** Calls the machine for text. Throws a `SessionError` for what it refuses. */
  text(call: IssuerCall): string {
    return textOf(this.bytes(call));
  }

  /** Calls the machine for text, and gives the code of what it refuses. */
  attempt(call: IssuerCall): TextOrCode {
    return attemptOf(this.reply(call));
  }

  /** Calls the machine, and returns the reply as it is. */
  reply(call: IssuerCall): Reply {
    if (this.#instance !== core.instanceNumber()) this.#make();
    const reply = replyOf(core, (exports) => call(exports, this.#number));
    // The table of issuers is bounded and drops the oldest, so this one may be gone although the instance is not.
    if (!reply.isRefused || textOf(reply.value) !== "ERR_KEY_UNKNOWN") return reply;
    this.#make();
    return replyOf(core, (exports) => call(exports, this.#number));
  }

  #make(): void {
    const number = machine((core) => core.issuer_new(this.#message));
    this.#number = new DataView(number.buffer, number.byteOffset).getUint32(0);
    this.#instance = core.instanceNumber();
  }
}

/** Whether a session is active, as its record and epoch say. */
export function isActive(issuer: Issuer, record: Uint8Array, epoch: Epoch, now: number): boolean {
  const message = encoded({ record, ...epochFields(epoch), now });
  return issuer.bytes((core, number) => core.session_is_active(number, message))[0] === 1;
}

/** An epoch as the machine asks for it. */
export function epochFields(epoch: Epoch): Message {
  const { value, keep, keptFrom, clock } = subjectEpoch(epoch);
  return { epoch: value, keep, keptFrom, clockMs: clock };
}

/** A value, or the code of an error. */
interface Reply {
  readonly isRefused: boolean;
  readonly value: Uint8Array;
}

function replyOf<Exports extends Common>(home: Instance<Exports>, call: (exports: Exports) => Uint8Array): Reply {
  // Only a call that traps throws. A refusal is a value, because exceptions would need glue that makes the wasm
  // larger.
  let reply: Uint8Array;
  try {
    reply = call(home.exports());
  } catch (thrown) {
    home.isDoubted = true;
    throw home.recover(thrown);
  }
  return { isRefused: reply[0] !== 0, value: reply.subarray(1) };
}

function acceptedOf({ isRefused, value }: Reply): Uint8Array {
  if (isRefused) throw refusal(textOf(value));
  return value;
}

function attemptOf({ isRefused, value }: Reply): TextOrCode {
  return isRefused ? { code: textOf(value) as SessionErrorCode } : { value: textOf(value) };
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of a reply. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The error for a refusal of the machine: a sentence about a policy, which names the option, or a code. */
export function refusal(text: string): SessionError {
  if (!text.startsWith("ERR_")) return new SessionError("ERR_SESSION_OPTIONS", text);
  const code = text as SessionErrorCode;
  return new SessionError(code, CODES[code].means);
}
