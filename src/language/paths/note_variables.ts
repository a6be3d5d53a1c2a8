import type { Findings } from "../definition/findings.ts";
import { type Filter, isPath, type Operand, type Path } from "./path.ts";

/** Tells `findings` of the variables that a path reads, those in its filters included. */
export function noteVariables(path: Path, location: string, findings: Findings): void {
  if (path.root.kind === "variable") findings.variables.reads(path.root.name, location);
  for (const token of path.tokens) {
    if (token.kind === "filter") noteFilter(token.filter, location, findings);
    if (token.kind === "function") {
      for (const parameter of token.parameters) if (isPath(parameter)) noteVariables(parameter, location, findings);
    }
  }
}

function noteFilter(filter: Filter, location: string, findings: Findings): void {
  switch (filter.kind) {
    case "or":
    case "and":
      for (const operand of filter.operands) noteFilter(operand, location, findings);
      break;
    case "not":
      noteFilter(filter.operand, location, findings);
      break;
    case "exists":
      noteOperand(filter.operand, location, findings);
      break;
    case "compare":
      noteOperand(filter.left, location, findings);
      noteOperand(filter.right, location, findings);
  }
}

function noteOperand(operand: Operand, location: string, findings: Findings): void {
  if (operand.kind !== "literal") noteVariables(operand.path, location, findings);
}
