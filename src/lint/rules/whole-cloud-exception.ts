import type { AddressSet, Family } from "../../net/index.js";
import { families, isNoAddress, subtractAddresses } from "../../net/index.js";
import { addressesIn, fateOfVerdict } from "../../packet-set/index.js";
import { amountsOf, isNearlyEverywhere } from "../amounts.js";
import { deniedServices } from "../denied-services.js";
import { packetDraft } from "../drafts.js";
import { servicesIn } from "../edge-findings.js";
import type { LintRule } from "../rule.js";

export const wholeCloudException: LintRule = {
  code: "RW4023",
  category: "exceptions",
  severity: "warning",
  docs: {
    what: "A rule opens denied services to every address of a cloud.",
    why: `A whole cloud is a large part of the internet: everybody can rent a machine there and offer a file server on it.`,
    example: `networks:
  cloud: { azure: [AzureCloud] }`,
    instead: `networks:
  cloud: { azure: [Storage.WestEurope] }`,
    howToFix: "Except the storage ranges of the regions that are in use, better a private endpoint behind a VPN.",
  },
  check(context) {
    const { space, options } = context;
    const clouds = options.feeds?.clouds ?? [];
    if (clouds.length === 0) return [];
    return context.questions().flatMap((question) => {
      const end = question.direction === "outbound" ? "destination" : "source";
      const services = deniedServices(context);
      return context.writtenRules().flatMap(({ span, label, uses }) => {
        const packets = space.bdd.orAll(
          uses
            .filter(({ rule }) => fateOfVerdict(rule.verdict) === "accepted")
            .map(({ met }) => space.and(space.and(space.and(met, services), question.passes), question.asked)),
        );
        if (packets === space.none) return [];
        const addresses = addressesIn(space, packets, end);
        const asked = families.filter((family) => addresses[family].length > 0);
        const cloud = clouds.find((one) =>
          isNoAddress(subtractAddresses(onlyFamilies(one.addresses, asked), addresses)),
        );
        if (cloud === undefined || asked.some((family) => isNearlyEverywhere(addresses, family))) return [];
        return [
          packetDraft(context, {
            message: `"${label}" opens ${servicesIn(context, packets)} to all of ${cloud.name}, where anybody can rent a machine`,
            help: "except the regions and services that are in use",
            primary: span,
            packets,
            hooks: [question.hook],
            directions: [question.direction],
            amounts: amountsOf(addresses),
          }),
        ];
      });
    });
  },
};

function onlyFamilies({ ipv4, ipv6 }: AddressSet, wanted: readonly Family[]): AddressSet {
  return { ipv4: wanted.includes("ipv4") ? ipv4 : [], ipv6: wanted.includes("ipv6") ? ipv6 : [] };
}
