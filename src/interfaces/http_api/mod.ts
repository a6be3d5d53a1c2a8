export { type HttpApi, type HttpApiOptions, HttpUnavailable, serveHttpApi } from "./server.ts";
export type { HttpTrace, TraceHttp } from "./test_state/trace_http.ts";
export type { HttpExchange, HttpSurface } from "./surface.ts";
