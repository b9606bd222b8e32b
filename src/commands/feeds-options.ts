import type { FeedFilter } from "../jobs/feed-filter.js";
import type { Given, Option } from "./command.js";

/** The options that choose parts of a feed. */
export const filterOptions: readonly Option[] = [
  {
    name: "tag",
    kind: "list",
    value: "TAG",
    about: "these service tags; Storage.* is every tag whose name begins so",
  },
  { name: "region", kind: "list", value: "REGION", about: "tags of these regions: westeurope" },
  { name: "service", kind: "list", value: "NAME", about: "tags of these services: Storage, with all its regions" },
  { name: "area", kind: "list", value: "AREA", about: "Office 365: endpoint sets of these service areas" },
  { name: "category", kind: "list", value: "CATEGORY", about: "Office 365: endpoint sets of these categories" },
  { name: "port", kind: "list", value: "PORT", about: "Office 365: endpoint sets that publish one of these ports" },
];

export function filterOf(given: Given): FeedFilter {
  return {
    tags: given.list("tag"),
    regions: given.list("region"),
    services: given.list("service"),
    areas: given.list("area"),
    categories: given.list("category"),
    ports: given.list("port"),
  };
}

/** Whether a filter chooses among the parts of that kind of feed. */
export function speaksOf(filter: FeedFilter, kind: "azure" | "office365"): boolean {
  const keys =
    kind === "azure" ? (["tags", "regions", "services"] as const) : (["areas", "categories", "ports"] as const);
  return keys.some((key) => (filter[key] ?? []).length > 0);
}
