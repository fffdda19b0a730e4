import { run } from "../../program.mjs";

export const runtime = "nodejs";
export const dynamic = "force-dynamic";
export const GET = async () => Response.json({ ...(await run()), edge: typeof EdgeRuntime === "string" });
