// Goal: what people do with the console works in a real browser, before the embedded home.
import { openEmbeddedHome } from "../../src/homes/embedded.ts";
import { testConsoleContract } from "../support/console/stories.ts";

testConsoleContract("embedded", () => openEmbeddedHome({ hasActivities: true, partitions: 2 }));
