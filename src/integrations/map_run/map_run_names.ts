/** What a Map Run and its children are called: as the AWS API shows them, so that their ARNs lead back to them. */
import {
  type AwsScope,
  executionArn,
  executionKey,
  expressArn,
  machineArn,
  mapRunArn,
  type ShownAs,
} from "../../aws/mod.ts";
import type { MapRunOrder } from "../../protocol/mod.ts";
import { isJsonObject, type JsonObject, sha256Hex, type Space, uuidText } from "../../values/mod.ts";

/** How one child is known. */
export interface ChildNames {
  readonly key: string;
  readonly arn: string;
  /** Of the execution, within its machine. */
  readonly name: string;
  readonly shownAs: ShownAs;
}

/** Names of one Map Run. */
export class MapRunNames {
  /** `{machine}/{label}`: the machine that its children seem to run. No workflow can be called so. */
  readonly machine: string;
  readonly mapRunArn: string;
  readonly machineArn: string;
  readonly #scope: AwsScope;
  readonly #isExpress: boolean;
  readonly #mapRun: string;
  readonly #roleArn: { readonly RoleArn?: string };

  /** @param workflow of the execution whose Map it is @param contextObject what that execution shows of itself */
  constructor(space: Space, workflow: string, order: MapRunOrder, contextObject: JsonObject) {
    const [outermost = workflow] = workflow.split("/");
    this.#scope = { account: space.tenant, region: space.namespace };
    this.#isExpress = order.executionType === "EXPRESS";
    this.#mapRun = order.mapRun;
    this.machine = `${outermost}/${order.label}`;
    this.mapRunArn = mapRunArn(this.#scope, this.machine, order.mapRun);
    this.machineArn = machineArn(this.#scope, this.machine);
    const execution = contextObject["Execution"];
    const roleArn = isJsonObject(execution) ? execution["RoleArn"] : undefined;
    this.#roleArn = typeof roleArn === "string" ? { RoleArn: roleArn } : {};
  }

  /** Of the child with this index: always the same ones. @param itemCount items that it is started with */
  child(index: number, itemCount = 1): ChildNames {
    const name = uuidText(sha256Hex(`${this.#mapRun}/${index}`));
    const arn = this.#isExpress
      ? expressArn(this.#scope, this.machine, name, uuidText(sha256Hex(`${this.#mapRun}/${index}/run`)))
      : executionArn(this.#scope, this.machine, name);
    return {
      key: executionKey(this.machine, name),
      arn,
      name,
      shownAs: {
        Execution: { Id: arn, Name: name, ...this.#roleArn },
        StateMachine: { Id: this.machineArn, Name: this.machine },
        MapRun: { ItemCount: itemCount },
      },
    };
  }
}
