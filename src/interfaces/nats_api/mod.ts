export { type FeedPart, listenToFeed, natsFeed } from "./feed.ts";
export { type NatsApiOptions, serveNatsApi } from "./serve.ts";
export { statusOfCode } from "./replies.ts";
