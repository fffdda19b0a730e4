export const dynamic = "force-dynamic";
export const GET = (request) => Response.json({ sub: request.headers.get("x-sub") });
