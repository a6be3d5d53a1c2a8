/** The cluster as its nodes tell of it, for the page of the engine. */
import { Effect, Schema } from "effect";
import { type NodeReport, RequestRefused } from "../../../runtime/mod.ts";
import type { HeardReport, TaskBacklog } from "../../../sdk/mod.ts";
import { present } from "../../../values/mod.ts";
import { type ConsoleOperation, operation } from "../operation.ts";
import type { EngineFinding, EngineNode, EngineStatus } from "../wire.ts";

/** How the cluster is looked at. Each may reject when nobody answers. */
export interface ClusterSight {
  readonly nodes: () => Promise<readonly HeardReport[]>;
  readonly backlogs: () => Promise<readonly TaskBacklog[]>;
  /** What `weft doctor` finds; absent where there is no NATS server to look at. */
  readonly findings?: () => Promise<readonly EngineFinding[]>;
}

/** Findings cost the server a dozen requests: they hold so long, milliseconds, whoever asks. */
const FINDINGS_MS = 15_000;

/** How the cluster stands. */
export function engineOperation({ nodes, backlogs, findings }: ClusterSight): ConsoleOperation {
  let found: Promise<readonly EngineFinding[]> | undefined;
  let foundAtMs = -Infinity;
  const recent = () => {
    if (findings === undefined || performance.now() - foundAtMs < FINDINGS_MS) return found;
    foundAtMs = performance.now();
    return found = findings().catch(() => [unseen]);
  };
  const look = async (): Promise<EngineStatus> => {
    const [reports, waiting, judged] = await Promise.all([nodes(), backlogs(), recent()]);
    return { nodes: reports.map(shownNode), backlogs: waiting, ...present({ findings: judged }) };
  };
  return operation(Schema.Struct({}), ({ sealedTenant }) =>
    Effect.tryPromise({
      try: async () => ofTenant(await look(), sealedTenant),
      catch: () => new RequestRefused({ code: "Unavailable", message: "The nodes do not answer at the moment" }),
    }));
}

/** Findings that name executions or types of tasks, of whatever tenant. */
const namingFindings: ReadonlySet<string> = new Set(["parked", "tasks"]);

/** The same without what tells of other tenants. */
function ofTenant(status: EngineStatus, tenant: string | undefined): EngineStatus {
  if (tenant === undefined) return status;
  const nodes = status.nodes.map((node) => ({
    ...node,
    partitions: node.partitions.map((one) => {
      const parked = one.parked.filter(({ executionId }) => executionId.startsWith(`/${tenant}/`));
      return { ...one, parked, parkedCount: parked.length };
    }),
  }));
  return {
    nodes,
    backlogs: status.backlogs.filter((backlog) => backlog.tenant === tenant),
    ...present({ findings: status.findings?.filter(({ name }) => !namingFindings.has(name)) }),
  };
}

const unseen: EngineFinding = { name: "server", level: "unknown", message: "The NATS server could not be looked at" };

function shownNode(
  { partitions, clockOffsetMs, ...node }: NodeReport & Pick<HeardReport, "clockOffsetMs">,
): EngineNode {
  const { node: name, version, uptimeMs, residentBytes } = node;
  return {
    node: name,
    version,
    uptimeMs,
    residentBytes,
    clockOffsetMs,
    partitions: partitions.map(({ partition, status, through, executions, waiting, parked, parkedCount }) => ({
      partition,
      kind: status.kind,
      through,
      executions,
      waiting,
      parked,
      parkedCount,
      ...present({
        epoch: status.kind === "leading" ? status.epoch : undefined,
        incident: status.kind === "stopped" ? status.incident : undefined,
      }),
    })),
  };
}
