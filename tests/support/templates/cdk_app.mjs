/**
 * The CDK app that shop.template.json was made by, with aws-cdk-lib 2.276.0. In an empty folder:
 *
 *     npm install aws-cdk-lib@2.276.0 constructs && node cdk_app.mjs      writes cdk.out/Shop.template.json
 */
import { App, Duration, Stack } from "aws-cdk-lib";
import * as sfn from "aws-cdk-lib/aws-stepfunctions";
import * as tasks from "aws-cdk-lib/aws-stepfunctions-tasks";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
const app = new App({ outdir: "cdk.out", analyticsReporting: false });
const stack = new Stack(app, "Shop");
const price = new lambda.Function(stack, "Price", {
  functionName: "price",
  runtime: lambda.Runtime.NODEJS_20_X,
  handler: "index.handler",
  code: lambda.Code.fromInline("exports.handler = async () => 1"),
});
const table = new dynamodb.Table(stack, "Orders", {
  tableName: "orders",
  partitionKey: { name: "id", type: dynamodb.AttributeType.STRING },
});
const receipt = new sfn.StateMachine(stack, "Receipt", {
  stateMachineName: "receipt",
  definitionBody: sfn.DefinitionBody.fromChainable(
    new sfn.Pass(stack, "Write", { parameters: { "text.$": "States.Format('Order {}', $.id)" } }),
  ),
});
const map = new sfn.Map(stack, "Each item", {
  itemsPath: "$.items",
  resultPath: "$.prices",
  itemSelector: { "item.$": "$$.Map.Item.Value" },
})
  .itemProcessor(
    new tasks.LambdaInvoke(stack, "Price it", {
      lambdaFunction: price,
      payloadResponseOnly: false,
      resultSelector: { "price.$": "$.Payload" },
    }),
  );
const both = new sfn.Parallel(stack, "Both", { resultPath: "$.both" })
  .branch(
    new tasks.DynamoPutItem(stack, "Keep", {
      table,
      item: { id: tasks.DynamoAttributeValue.fromString(sfn.JsonPath.stringAt("$.id")) },
      resultPath: sfn.JsonPath.DISCARD,
    }),
  )
  .branch(
    new tasks.StepFunctionsStartExecution(stack, "Nested", {
      stateMachine: receipt,
      integrationPattern: sfn.IntegrationPattern.RUN_JOB,
      input: sfn.TaskInput.fromObject({ id: sfn.JsonPath.stringAt("$.id") }),
      resultSelector: { "receipt.$": "$.Output.text" },
    }),
  );
const order = new sfn.StateMachine(stack, "Order", {
  stateMachineName: "order",
  definitionBody: sfn.DefinitionBody.fromChainable(map.next(both)),
  timeout: Duration.minutes(5),
});
const version = new sfn.CfnStateMachineVersion(stack, "OrderVersion", { stateMachineArn: order.stateMachineArn });
new sfn.CfnStateMachineAlias(stack, "OrderAlias", {
  name: "live",
  deploymentPreference: { stateMachineVersionArn: version.attrArn, type: "ALL_AT_ONCE" },
});
new sfn.Activity(stack, "Pack", { activityName: "pack" });
app.synth();
