// Goal: what people do with the console works in a real browser, before the embedded home.
import { openEmbeddedHome } from "../../src/homes/embedded.ts";
import { testConsoleStories } from "../support/console/stories.ts";

testConsoleStories("embedded", () => openEmbeddedHome({ hasActivities: true, partitions: 2 }));
