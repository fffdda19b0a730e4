/** The package for all keys but secrets. A file of its own, so that bundlers make a script of its own of it. */
export { generateKey, init, sign, verify } from "tandem-jwt";
