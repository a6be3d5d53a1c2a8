/** AWS's pages about the language. */
const guide = "https://docs.aws.amazon.com/step-functions/latest/dg";

/** Addresses by what the page is about. */
export const pages = {
  structure: `${guide}/statemachine-structure.html`,
  commonFields: `${guide}/statemachine-structure.html#amazon-states-language-common-fields`,
  transforming: `${guide}/transforming-data.html`,
  variables: `${guide}/workflow-variables.html`,
  errors: `${guide}/concepts-error-handling.html`,
  inputPath: `${guide}/input-output-inputpath-params.html`,
  resultPath: `${guide}/input-output-resultpath.html`,
  credentials: `${guide}/concepts-access-cross-acct-resources.html`,
  task: `${guide}/state-task.html`,
  pass: `${guide}/state-pass.html`,
  choice: `${guide}/state-choice.html`,
  wait: `${guide}/state-wait.html`,
  succeed: `${guide}/state-succeed.html`,
  fail: `${guide}/state-fail.html`,
  parallel: `${guide}/state-parallel.html`,
  map: `${guide}/state-map.html`,
  inlineMap: `${guide}/state-map-inline.html`,
  distributedMap: `${guide}/state-map-distributed.html`,
  itemsPath: `${guide}/input-output-itemspath.html`,
  itemSelector: `${guide}/input-output-itemselector.html`,
  itemReader: `${guide}/input-output-itemreader.html`,
  itemBatcher: `${guide}/input-output-itembatcher.html`,
  resultWriter: `${guide}/input-output-resultwriter.html`,
} as const;
