"use client";

import { useEffect } from "react";

import { run } from "../program.mjs";

export function Program() {
  useEffect(() => {
    run().then((answer) => {
      globalThis.answer = answer;
    });
  }, []);
  return <h1>A page</h1>;
}
