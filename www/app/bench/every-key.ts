/** The package for every key except secrets. A separate file, so that bundlers put it into a separate script. */
export { generateKey, init, sign, verify } from "tandem-jwt";
