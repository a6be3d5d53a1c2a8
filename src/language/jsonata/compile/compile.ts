/**
 * A tree to a closure: one evaluation is then nothing but calls, without a look at the tree.
 *
 * Each closure charges the run at least one step, except literals: the number of those is bound by the nodes around them.
 */
import { compileApply, compileCall, compileLambda, compilePartial, compileTailCall } from "./calls.ts";
import type { Evaluate } from "../values/callable.ts";
import { fail } from "../failure.ts";
import { applyFilter, type Filter } from "./filters.ts";
import { Frame } from "../values/frame.ts";
import { type CompiledPair, type Group, groupBy, literalObject } from "./groups.ts";
import { binaryFunctions } from "./operators.ts";
import { lookup, pathEvaluator, type PathStage, type Step } from "./paths.ts";
import { compileRegex } from "../values/regex.ts";
import { bindsInFrame } from "../syntax/children.ts";
import { sortBy } from "./sorting.ts";
import { type Node, type NodeOf, type Pair, SyntaxProblem } from "../syntax/node.ts";
import { compileTransform } from "./transform.ts";
import { ConstructedArray, isNumeric, isTruthy, Sequence, TupleStream, unwrap, type Value } from "../values/values.ts";
import { evaluateDescendants, evaluateWildcard } from "./wildcards.ts";

/** Compiles one node with all below it. @throws {SyntaxProblem} for a regular expression or signature that cannot be used */
export function compile(node: Node): Evaluate {
  const core = compileCore(node);
  const filters = node.predicates.map(compileFilter);
  const group = node.group === undefined || node.type === "path" ? undefined : compileGroup(node.group);
  if (filters.length === 0 && group === undefined && givesNoSequence(node)) return core;
  if (filters.length === 0 && group === undefined && !node.keepArray) {
    return (input, frame, run) => unwrap(core(input, frame, run));
  }
  return (input, frame, run) => {
    let result = core(input, frame, run);
    for (const filter of filters) result = applyFilter(filter, result, frame, run);
    if (group !== undefined) result = group(result, frame, run);
    if (node.keepArray && result instanceof Sequence && !(result instanceof TupleStream)) result.keepSingleton = true;
    return unwrap(result);
  };
}

function givesNoSequence(node: Node): boolean {
  switch (node.type) {
    case "literal":
    case "negate":
    case "array":
    case "object":
    case "regex":
    case "lambda":
    case "tailCall":
      return true;
    case "binary":
      return node.operator !== "..";
    default:
      return false;
  }
}

function compileCore(node: Node): Evaluate {
  switch (node.type) {
    case "path":
      return compilePath(node);
    case "name":
      return (input, _frame, run) => lookup(input, node.name, run, 0);
    case "literal":
      return () => node.value;
    case "variable":
      return compileVariable(node);
    case "wildcard":
      return evaluateWildcard;
    case "descendants":
      return evaluateDescendants;
    case "parent":
      return (_input, frame, run) => frame.lookup(node.label, run);
    case "binary":
      return compileBinary(node);
    case "negate":
      return compileNegate(node);
    case "array":
      return compileArray(node);
    case "object":
      return compileGroup(node.pairs);
    case "condition":
      return compileCondition(node);
    case "block":
      return compileBlock(node);
    case "bind":
      return compileBind(node);
    case "regex": {
      const regex = compileRegex(node.source, node.flags, node.position);
      return () => regex;
    }
    case "call":
      return compileCall(node, compile);
    case "partial":
      return compilePartial(node, compile);
    case "lambda":
      return compileLambda(node, compile);
    case "tailCall":
      return compileTailCall(node, compile);
    case "apply":
      return compileApply(node, compile);
    case "transform":
      return compileTransform(node, compile);
    case "sort":
      throw new SyntaxProblem("An order-by clause must follow an expression", node.position);
  }
}

function compileVariable(node: NodeOf<"variable">): Evaluate {
  if (node.name === "") return (input) => input;
  return (_input, frame, run) => frame.lookup(node.name, run);
}

function compileBinary(node: NodeOf<"binary">): Evaluate {
  const left = compile(node.left);
  const right = compile(node.right);
  switch (node.operator) {
    case "and":
      return (input, frame, run) => {
        run.charge(1);
        return isTruthy(left(input, frame, run), run) && isTruthy(right(input, frame, run), run);
      };
    case "or":
      return (input, frame, run) => {
        run.charge(1);
        return isTruthy(left(input, frame, run), run) || isTruthy(right(input, frame, run), run);
      };
    default: {
      const operate = binaryFunctions[node.operator];
      return (input, frame, run) => {
        run.charge(1);
        const leftValue = left(input, frame, run);
        return operate(leftValue, right(input, frame, run), run);
      };
    }
  }
}

function compileNegate(node: NodeOf<"negate">): Evaluate {
  const operand = compile(node.operand);
  return (input, frame, run) => {
    run.charge(1);
    const value = operand(input, frame, run);
    if (value === undefined) return undefined;
    if (!isNumeric(value)) throw fail("D1002", { value });
    return -value;
  };
}

function compileArray(node: NodeOf<"array">): Evaluate {
  const items = node.items.map((item) => ({ evaluate: compile(item), isArray: item.type === "array" }));
  return (input, frame, run) => {
    const array: Value[] = node.constructsArray ? new ConstructedArray() : [];
    run.charge(1 + items.length);
    run.allocate(32);
    for (const item of items) {
      const value = item.evaluate(input, frame, run);
      if (value === undefined) continue;
      if (item.isArray || !Array.isArray(value)) {
        array.push(value);
        run.grow(array.length);
      } else {
        run.reserveArray(array.length + value.length);
        for (const member of value) array.push(member);
      }
    }
    return array;
  };
}

function compileCondition(node: NodeOf<"condition">): Evaluate {
  const condition = compile(node.condition);
  const then = compile(node.then);
  const otherwise = node.otherwise === undefined ? undefined : compile(node.otherwise);
  return (input, frame, run) => {
    run.charge(1);
    if (isTruthy(condition(input, frame, run), run)) return then(input, frame, run);
    return otherwise?.(input, frame, run);
  };
}

function compileBlock(node: NodeOf<"block">): Evaluate {
  const expressions = node.expressions.map(compile);
  const [only] = expressions;
  const needsFrame = node.expressions.some(bindsInFrame);
  if (expressions.length === 1 && only !== undefined && !needsFrame) return only;
  return (input, frame, run) => {
    run.charge(expressions.length);
    const scope = needsFrame ? new Frame(frame) : frame;
    let result: Value = undefined;
    for (const expression of expressions) result = expression(input, scope, run);
    return result;
  };
}

function compileBind(node: NodeOf<"bind">): Evaluate {
  const value = compile(node.value);
  return (input, frame, run) => {
    const bound = value(input, frame, run);
    frame.bind(node.name, bound, run);
    return bound;
  };
}

function compileFilter(condition: Node): Filter {
  const index = condition.type === "literal" && typeof condition.value === "number" ? condition.value : undefined;
  return { index, condition: compile(condition) };
}

function compileGroup(pairs: readonly Pair[]): Group {
  const compiled: CompiledPair[] = pairs.map(([key, value]) => ({ key: compile(key), value: compile(value) }));
  const keys = new Set<string>();
  for (const [key] of pairs) {
    if (
      key.type === "literal" && typeof key.value === "string" && key.predicates.length === 0 && key.group === undefined
    ) {
      keys.add(key.value);
    }
  }
  if (keys.size < pairs.length) return groupBy(compiled);
  return literalObject([...keys], compiled.map((pair) => pair.value), compiled);
}

function compilePath(node: NodeOf<"path">): Evaluate {
  return pathEvaluator({
    steps: node.steps.map(compileStep),
    startsAtVariable: node.steps[0]?.type === "variable",
    keepSingleton: node.keepSingleton,
    group: node.group === undefined ? undefined : compileGroup(node.group),
    keepTuples: node.tuple,
  });
}

function compileStep(node: Node): Step {
  const isPlainName = node.type === "name" && node.predicates.length === 0 && node.group === undefined &&
    !node.keepArray;
  const stages = node.stages.map((stage): PathStage =>
    stage.kind === "index" ? stage : { kind: "filter", filter: compileFilter(stage.condition) }
  );
  return {
    evaluate: node.type === "sort" ? () => undefined : compile(node),
    sort: node.type === "sort"
      ? sortBy(node.terms.map((term) => ({ descending: term.descending, evaluate: compile(term.expression) })))
      : undefined,
    name: isPlainName ? node.name : undefined,
    stages,
    isTuple: node.tuple,
    focus: node.focus,
    index: node.index,
    ancestor: node.ancestor,
    constructsArray: node.constructsArray,
  };
}
