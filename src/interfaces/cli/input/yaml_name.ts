/** True for names of YAML files. */
export function isYamlName(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}
