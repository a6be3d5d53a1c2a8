export { type HttpApi, type HttpApiOptions, HttpUnavailable, serveHttpApi } from "./server.ts";
export type { HttpTrace, TraceHttp } from "./test_state/trace_http.ts";
export type { HttpExchange, HttpSurface } from "./surface.ts";
export { madeUpContext } from "./test_state/context_object.ts";
export { runTest } from "./test_state/run_test.ts";
export { stateUnderTest } from "./test_state/state_under_test.ts";
export { bodyText } from "./wire/read_body.ts";
export { isLoopback } from "./wire/origin_check.ts";
