/**
 * What a `.sync` task waits for: for each call that begins a job, how it is asked after, and which words of the service say that it is
 * over.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */
import { isJsonObject, type Json, type JsonObject } from "../../values/mod.ts";

/** How a job is asked after. All names as tasks have them. */
export interface Job {
  /** Call of the same service. */
  readonly ask: string;
  /** Its parameters, from the task's own and the answer to the call that began the job. */
  readonly parameters: (given: JsonObject, begun: JsonObject) => JsonObject;
  /** Where the word about the job stands in the answer. */
  readonly status: readonly (string | number)[];
  readonly succeeded: readonly string[];
  readonly failed: readonly string[];
  /** Where the result stands in the answer; empty: it is the answer itself. */
  readonly result: readonly (string | number)[];
  /** What a job that is over by its word may say beside it to have failed. */
  readonly hasFailed?: (result: JsonObject) => boolean;
}

const ended = ["FAILED", "STOPPED", "TIMEOUT", "ERROR", "CANCELLED", "CANCELED"];
const sagemakerEnds = { succeeded: ["Completed"], failed: ["Failed", "Stopped"], result: [] };

/** What stands in a value at a place; `undefined` where nothing does. */
export function at(value: Json, place: readonly (string | number)[]): Json | undefined {
  let found: Json | undefined = value;
  for (const step of place) {
    if (Array.isArray(found) && typeof step === "number") found = found[step];
    else found = found !== undefined && isJsonObject(found) ? found[String(step)] : undefined;
  }
  return found;
}

const or = (value: Json | undefined): Json => value ?? null;

/** A job that is asked after by the name that the task gave it. */
function byName(ask: string, name: string, status: string): Job {
  return { ask, parameters: (given) => ({ [name]: or(given[name]) }), status: [status], ...sagemakerEnds };
}

/** By service and call. */
const jobs: Readonly<Record<string, Job>> = {
  "athena:startQueryExecution": {
    ask: "getQueryExecution",
    parameters: (_given, begun) => ({ QueryExecutionId: or(begun["QueryExecutionId"]) }),
    status: ["QueryExecution", "Status", "State"],
    succeeded: ["SUCCEEDED"],
    failed: ended,
    result: [],
  },
  "batch:submitJob": {
    ask: "describeJobs",
    parameters: (_given, begun) => ({ Jobs: [or(begun["JobId"])] }),
    status: ["Jobs", 0, "Status"],
    succeeded: ["SUCCEEDED"],
    failed: ["FAILED"],
    result: ["Jobs", 0],
  },
  "bedrock:createModelCustomizationJob": {
    ask: "getModelCustomizationJob",
    parameters: (_given, begun) => ({ JobIdentifier: or(begun["JobArn"]) }),
    status: ["Status"],
    ...sagemakerEnds,
  },
  "codebuild:startBuild": {
    ask: "batchGetBuilds",
    parameters: (_given, begun) => ({ Ids: [or(at(begun, ["Build", "Id"]))] }),
    status: ["Builds", 0, "BuildStatus"],
    succeeded: ["SUCCEEDED"],
    failed: ["FAILED", "FAULT", "STOPPED", "TIMED_OUT"],
    result: ["Builds", 0],
  },
  "codebuild:startBuildBatch": {
    ask: "batchGetBuildBatches",
    parameters: (_given, begun) => ({ Ids: [or(at(begun, ["BuildBatch", "Id"]))] }),
    status: ["BuildBatches", 0, "BuildBatchStatus"],
    succeeded: ["SUCCEEDED"],
    failed: ["FAILED", "FAULT", "STOPPED", "TIMED_OUT"],
    result: ["BuildBatches", 0],
  },
  "databrew:startJobRun": {
    ask: "describeJobRun",
    parameters: (given, begun) => ({ Name: or(given["Name"]), RunId: or(begun["RunId"]) }),
    status: ["State"],
    succeeded: ["SUCCEEDED"],
    failed: ended,
    result: [],
  },
  "ecs:runTask": {
    ask: "describeTasks",
    parameters: (given, begun) => ({
      ...(given["Cluster"] === undefined ? {} : { Cluster: given["Cluster"] }),
      Tasks: [or(at(begun, ["Tasks", 0, "TaskArn"]))],
    }),
    status: ["Tasks", 0, "LastStatus"],
    succeeded: ["STOPPED"],
    failed: [],
    result: ["Tasks", 0],
    hasFailed: (task) => {
      const containers = task["Containers"] ?? null;
      const exits = Array.isArray(containers) ? containers.map((container) => at(container, ["ExitCode"])) : [];
      return task["StopCode"] === "TaskFailedToStart" || exits.some((code) => code !== undefined && code !== 0);
    },
  },
  "eks:createCluster": {
    ask: "describeCluster",
    parameters: (given) => ({ Name: or(given["Name"]) }),
    status: ["Cluster", "Status"],
    succeeded: ["ACTIVE"],
    failed: ["FAILED"],
    result: [],
  },
  "eks:createNodegroup": {
    ask: "describeNodegroup",
    parameters: (given) => ({ ClusterName: or(given["ClusterName"]), NodegroupName: or(given["NodegroupName"]) }),
    status: ["Nodegroup", "Status"],
    succeeded: ["ACTIVE"],
    failed: ["CREATE_FAILED", "DEGRADED"],
    result: [],
  },
  "elasticmapreduce:createCluster": {
    ask: "describeCluster",
    parameters: (_given, begun) => ({ ClusterId: or(begun["ClusterId"]) }),
    status: ["Cluster", "Status", "State"],
    succeeded: ["WAITING", "TERMINATED"],
    failed: ["TERMINATED_WITH_ERRORS"],
    result: [],
  },
  "elasticmapreduce:terminateCluster": {
    ask: "describeCluster",
    parameters: (given) => ({ ClusterId: or(given["ClusterId"]) }),
    status: ["Cluster", "Status", "State"],
    succeeded: ["TERMINATED", "TERMINATED_WITH_ERRORS"],
    failed: [],
    result: [],
  },
  "elasticmapreduce:addStep": {
    ask: "describeStep",
    parameters: (given, begun) => ({ ClusterId: or(given["ClusterId"]), StepId: or(begun["StepId"]) }),
    status: ["Step", "Status", "State"],
    succeeded: ["COMPLETED"],
    failed: ["FAILED", "CANCELLED", "INTERRUPTED"],
    result: [],
  },
  "emr-containers:startJobRun": {
    ask: "describeJobRun",
    parameters: (given, begun) => ({ Id: or(begun["Id"]), VirtualClusterId: or(given["VirtualClusterId"]) }),
    status: ["JobRun", "State"],
    succeeded: ["COMPLETED"],
    failed: ended,
    result: ["JobRun"],
  },
  "emr-serverless:startJobRun": {
    ask: "getJobRun",
    parameters: (given, begun) => ({ ApplicationId: or(given["ApplicationId"]), JobRunId: or(begun["JobRunId"]) }),
    status: ["JobRun", "State"],
    succeeded: ["SUCCESS"],
    failed: ended,
    result: ["JobRun"],
  },
  "glue:startJobRun": {
    ask: "getJobRun",
    parameters: (given, begun) => ({ JobName: or(given["JobName"]), RunId: or(begun["JobRunId"]) }),
    status: ["JobRun", "JobRunState"],
    succeeded: ["SUCCEEDED"],
    failed: [...ended, "EXPIRED"],
    result: ["JobRun"],
  },
  "mediaconvert:createJob": {
    ask: "getJob",
    parameters: (_given, begun) => ({ Id: or(at(begun, ["Job", "Id"])) }),
    status: ["Job", "Status"],
    succeeded: ["COMPLETE"],
    failed: ["ERROR", "CANCELED"],
    result: [],
  },
  "sagemaker:createTrainingJob": byName("describeTrainingJob", "TrainingJobName", "TrainingJobStatus"),
  "sagemaker:createTransformJob": byName("describeTransformJob", "TransformJobName", "TransformJobStatus"),
  "sagemaker:createProcessingJob": byName("describeProcessingJob", "ProcessingJobName", "ProcessingJobStatus"),
  "sagemaker:createLabelingJob": byName("describeLabelingJob", "LabelingJobName", "LabelingJobStatus"),
  "sagemaker:createHyperParameterTuningJob": byName(
    "describeHyperParameterTuningJob",
    "HyperParameterTuningJobName",
    "HyperParameterTuningJobStatus",
  ),
};

/** The job that a call begins; `undefined` where none is known that could be waited for. */
export function jobOf(call: string): Job | undefined {
  return Object.hasOwn(jobs, call) ? jobs[call] : undefined;
}

/** A call of an optimized integration that its service calls otherwise. */
export interface Renamed {
  readonly action: string;
  readonly parameters?: (given: JsonObject) => JsonObject;
  readonly result?: (answer: JsonObject) => JsonObject;
}

const renamed: Readonly<Record<string, Renamed>> = {
  "elasticmapreduce:createCluster": {
    action: "runJobFlow",
    result: ({ JobFlowId, ...others }) => ({ ClusterId: or(JobFlowId), ...others }),
  },
  "elasticmapreduce:terminateCluster": {
    action: "terminateJobFlows",
    parameters: ({ ClusterId }) => ({ JobFlowIds: [or(ClusterId)] }),
  },
  "elasticmapreduce:addStep": {
    action: "addJobFlowSteps",
    parameters: ({ ClusterId, Step, ...others }) => ({ JobFlowId: or(ClusterId), Steps: [or(Step)], ...others }),
    result: ({ StepIds, ...others }) => ({ StepId: or(at(or(StepIds), [0])), ...others }),
  },
  "elasticmapreduce:cancelStep": {
    action: "cancelSteps",
    parameters: ({ ClusterId, StepId }) => ({ ClusterId: or(ClusterId), StepIds: [or(StepId)] }),
    result: ({ CancelStepsInfoList, ...others }) => ({
      CancelStepsInfo: or(at(or(CancelStepsInfoList), [0])),
      ...others,
    }),
  },
  "elasticmapreduce:setClusterTerminationProtection": {
    action: "setTerminationProtection",
    parameters: ({ ClusterId, TerminationProtected }) => ({
      JobFlowIds: [or(ClusterId)],
      TerminationProtected: or(TerminationProtected),
    }),
  },
};

/** What a call is to its service. */
export function renamedCall(call: string, action: string): Renamed {
  return Object.hasOwn(renamed, call) ? renamed[call] ?? { action } : { action };
}
