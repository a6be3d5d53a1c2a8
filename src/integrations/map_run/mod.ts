export { MapRunIntegration, type MapRunOptions } from "./map_run_integration.ts";
