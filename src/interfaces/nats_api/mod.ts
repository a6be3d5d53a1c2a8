export { type Endpoint, endpoints } from "./endpoints.ts";
export { type FeedPart, listenToFeed, natsFeed } from "./feed.ts";
export { serveNodeReports } from "./node_reports.ts";
export { type NatsApiOptions, serveNatsApi } from "./serve.ts";
export { statusOfCode } from "./replies.ts";
export type { StandingOrders } from "./standing_endpoints.ts";
