import { startBench } from "./app/bench.js";
import { startSession } from "./app/session.js";

startSession();
startBench();
