import { startPage } from "./app/page.js";
import { startScene } from "./app/scene/player.js";
import { startSession } from "./app/session/index.js";

// The scene comes first, since it is what a visitor sees first.
startScene();
// A static copy of the page has no Worker to keep a session.
if (!document.documentElement.hasAttribute("data-recorded")) startSession();
startPage();
