/** The JSON Schema of `targets.<id>`, by vendor id. */
export type TargetSchemas = Readonly<Record<string, object>>;

/** The policy's schema with an entry below `targets` for each vendor, in the order of their ids. */
export function composeSchema(base: object, targets: TargetSchemas): object {
  const schema = structuredClone(base) as { properties: { targets: { properties: Record<string, object> } } };
  for (const id of Object.keys(targets).sort()) schema.properties.targets.properties[id] = targets[id]!;
  return schema;
}
