/** AWS's pages about the language. */
const GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg";

/** Addresses by what the page is about. */
export const pages = {
  structure: `${GUIDE}/statemachine-structure.html`,
  commonFields: `${GUIDE}/statemachine-structure.html#amazon-states-language-common-fields`,
  transforming: `${GUIDE}/transforming-data.html`,
  variables: `${GUIDE}/workflow-variables.html`,
  errors: `${GUIDE}/concepts-error-handling.html`,
  inputPath: `${GUIDE}/input-output-inputpath-params.html`,
  resultPath: `${GUIDE}/input-output-resultpath.html`,
  credentials: `${GUIDE}/concepts-access-cross-acct-resources.html`,
  task: `${GUIDE}/state-task.html`,
  pass: `${GUIDE}/state-pass.html`,
  choice: `${GUIDE}/state-choice.html`,
  wait: `${GUIDE}/state-wait.html`,
  succeed: `${GUIDE}/state-succeed.html`,
  fail: `${GUIDE}/state-fail.html`,
  parallel: `${GUIDE}/state-parallel.html`,
  map: `${GUIDE}/state-map.html`,
  inlineMap: `${GUIDE}/state-map-inline.html`,
  distributedMap: `${GUIDE}/state-map-distributed.html`,
  itemsPath: `${GUIDE}/input-output-itemspath.html`,
  itemSelector: `${GUIDE}/input-output-itemselector.html`,
  itemReader: `${GUIDE}/input-output-itemreader.html`,
  itemBatcher: `${GUIDE}/input-output-itembatcher.html`,
  resultWriter: `${GUIDE}/input-output-resultwriter.html`,
} as const;
