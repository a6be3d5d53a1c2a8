export { type ConsoleOptions, consoleSurface } from "./surface.ts";
