/** What the bench needs for keys that are no secrets. A file of its own, so that it is a script of its own. */
export { generateKey, init, sign, verify } from "tandem-jwt";
