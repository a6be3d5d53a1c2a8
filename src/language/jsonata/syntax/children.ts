/** What an expression refers to, read from its tree. */
import type { Node } from "./node.ts";

/** The nodes right below, in the order of evaluation as far as there is one. */
export function childrenOf(node: Node): readonly Node[] {
  const children: Node[] = [];
  switch (node.type) {
    case "path":
      children.push(...node.steps);
      break;
    case "binary":
    case "apply":
      children.push(node.left, node.right);
      break;
    case "negate":
      children.push(node.operand);
      break;
    case "array":
      children.push(...node.items);
      break;
    case "object":
      children.push(...node.pairs.flat());
      break;
    case "condition":
      children.push(node.condition, node.then);
      if (node.otherwise !== undefined) children.push(node.otherwise);
      break;
    case "block":
      children.push(...node.expressions);
      break;
    case "bind":
      children.push(node.value);
      break;
    case "call":
      children.push(node.procedure, ...node.arguments);
      break;
    case "partial":
      children.push(node.procedure);
      for (const argument of node.arguments) if (argument !== undefined) children.push(argument);
      break;
    case "lambda":
      children.push(node.body);
      break;
    case "tailCall":
      children.push(node.call);
      break;
    case "transform":
      children.push(node.pattern, node.update);
      if (node.remove !== undefined) children.push(node.remove);
      break;
    case "sort":
      children.push(...node.terms.map((term) => term.expression));
  }
  children.push(...node.predicates, ...(node.group?.flat() ?? []));
  for (const stage of node.stages) if (stage.kind === "filter") children.push(stage.condition);
  return children;
}

/** True when evaluating the node may bind a variable in the frame that it is given. */
export function bindsInFrame(node: Node): boolean {
  if (node.type === "bind") return true;
  // Functions bind in a frame of their own.
  if (node.type === "lambda") return false;
  return childrenOf(node).some(bindsInFrame);
}
