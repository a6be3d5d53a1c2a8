// Goal: a page that a developer visits cannot drive the port on his machine, and programs are not kept from it.
import { strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { isLoopback, originRefusal } from "../../../../src/interfaces/http_api/wire/origin_check.ts";

const none = { host: undefined, origin: undefined, fetchSite: undefined };
const loopback = { allowedHosts: ["weft.example.org"], isStrict: true };
const anywhere = { allowedHosts: [], isStrict: false };

const cases = [
  { what: "an SDK on loopback", asked: { host: "127.0.0.1:8083" }, policy: loopback, isTaken: true },
  { what: "an SDK by name", asked: { host: "localhost:8083" }, policy: loopback, isTaken: true },
  { what: "an SDK with a host prefix", asked: { host: "sync-localhost:8083" }, policy: loopback, isTaken: true },
  { what: "an SDK by IPv6", asked: { host: "[::1]:8083" }, policy: loopback, isTaken: true },
  { what: "a container", asked: { host: "host.docker.internal:8083" }, policy: loopback, isTaken: true },
  { what: "a container by a composed name", asked: { host: "weft:8083" }, policy: loopback, isTaken: true },
  { what: "a name that is allowed", asked: { host: "Weft.Example.ORG.:8083" }, policy: loopback, isTaken: true },
  { what: "a rebound name", asked: { host: "evil.example:8083" }, policy: loopback, isTaken: false },
  {
    what: "a rebound name like an address",
    asked: { host: "127.0.0.1.evil.example" },
    policy: loopback,
    isTaken: false,
  },
  {
    what: "a rebound name like localhost",
    asked: { host: "localhost.evil.example" },
    policy: loopback,
    isTaken: false,
  },
  { what: "no host at all", asked: {}, policy: loopback, isTaken: false },
  {
    what: "the console's own page",
    asked: { host: "localhost:8083", origin: "http://localhost:8083" },
    policy: loopback,
    isTaken: true,
  },
  {
    what: "a page elsewhere",
    asked: { host: "localhost:8083", origin: "https://evil.example" },
    policy: loopback,
    isTaken: false,
  },
  {
    what: "a page on another port",
    asked: { host: "localhost:8083", origin: "http://localhost:3000" },
    policy: loopback,
    isTaken: false,
  },
  { what: "a page of nowhere", asked: { host: "localhost:8083", origin: "null" }, policy: loopback, isTaken: false },
  {
    what: "another site without an origin",
    asked: { host: "localhost:8083", fetchSite: "cross-site" },
    policy: loopback,
    isTaken: false,
  },
  {
    what: "an address that was typed",
    asked: { host: "localhost:8083", fetchSite: "none" },
    policy: loopback,
    isTaken: true,
  },
  { what: "a program beyond loopback", asked: { host: "weft.ns.svc.cluster.local" }, policy: anywhere, isTaken: true },
  {
    what: "a rebound page beyond loopback",
    asked: { host: "evil.example", origin: "http://evil.example" },
    policy: anywhere,
    isTaken: false,
  },
];

for (const { what, asked, policy, isTaken } of cases) {
  test(`a request of ${what} is ${isTaken ? "taken" : "refused"}`, () => {
    strictEqual(originRefusal({ ...none, ...asked }, policy, false) === undefined, isTaken);
  });
}

test("what is meant for browsers is held to its host everywhere", () => {
  strictEqual(originRefusal({ ...none, host: "evil.example" }, anywhere, true) === undefined, false);
  strictEqual(originRefusal({ ...none, host: "10.1.2.3:8083" }, anywhere, true), undefined);
});

test("isLoopback() knows the addresses of this machine", () => {
  for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) strictEqual(isLoopback(host), true);
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example"]) strictEqual(isLoopback(host), false);
});
