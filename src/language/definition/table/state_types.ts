/** The eight state types, in the order in which AWS names them. */
export const stateTypes = ["Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map"] as const;

/** The name of a state type. */
export type StateType = typeof stateTypes[number];

/** True for one of {@link stateTypes}. */
export function isStateType(type: unknown): type is StateType {
  return stateTypes.some((known) => known === type);
}
