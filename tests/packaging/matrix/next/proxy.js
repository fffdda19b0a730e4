import { NextResponse } from "next/server";
import jwt from "tandem-jwt";

export const config = { matcher: "/guarded" };

export function proxy(request) {
  try {
    const { sub } = jwt.verify(request.headers.get("authorization").slice(7), "secret");
    const headers = new Headers(request.headers);
    headers.set("x-sub", sub);
    return NextResponse.next({ request: { headers } });
  } catch (error) {
    return Response.json({ code: error.code }, { status: error instanceof jwt.JsonWebTokenError ? 401 : 500 });
  }
}
