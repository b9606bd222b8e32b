import type { LintRule } from "../rule.js";

/** Found when the policy is read, by `policyFindings`: no device has a part in it. */
export const broadException: LintRule = {
  code: "RW2007",
  category: "exceptions",
  severity: "warning",
  docs: {
    what: "An exception of the policy opens a whole cloud, every address, or Office 365 on a port that Microsoft does not publish.",
    why: `Nobody needs SMB to machines that anybody can rent. No endpoint set of Office 365 lists TCP 445: an exception for it opens ranges
      in which nothing answers that the company uses.`,
    example: `except:
  - to: { azure: [AzureCloud] }`,
    instead: `except:
  - to: { azure: [Storage.WestEurope] }`,
    howToFix: "Choose the tag of the service and the regions in use, or a private endpoint.",
  },
  check: () => [],
};
