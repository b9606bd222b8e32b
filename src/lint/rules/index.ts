import type { LintRule } from "../rule.js";
import { addressTranslation } from "./address-translation.js";
import { allowedTrafficBlocked } from "./allowed-traffic-blocked.js";
import { broadException } from "./broad-exception.js";
import { correlatedRules } from "./correlated-rules.js";
import { deadRule } from "./dead-rule.js";
import { deniedTrafficPasses } from "./denied-traffic-passes.js";
import { denyNotInForce } from "./deny-not-in-force.js";
import { denyTooLate } from "./deny-too-late.js";
import { duplicateRule } from "./duplicate-rule.js";
import { emptyDefinition } from "./empty-definition.js";
import { exceptionIncomplete } from "./exception-incomplete.js";
import { exceptionStale } from "./exception-stale.js";
import { exceptionTooBroad } from "./exception-too-broad.js";
import { expiredException } from "./expired-exception.js";
import { familyNotGiven } from "./family-not-given.js";
import { generalisedRules } from "./generalised-rules.js";
import { hookNotFiltered } from "./hook-not-filtered.js";
import { ipv6Open } from "./ipv6-open.js";
import { leftToOthers } from "./left-to-others.js";
import { listNotBound } from "./list-not-bound.js";
import { loadFailure } from "./load-failure.js";
import { missingLog } from "./missing-log.js";
import { missingReference } from "./missing-reference.js";
import { noRules } from "./no-rules.js";
import { oneDirectionOpen } from "./one-direction-open.js";
import { outsideNotKnown } from "./outside-not-known.js";
import { permitAnyAny } from "./permit-any-any.js";
import { redundantRule } from "./redundant-rule.js";
import { shadowedRule } from "./shadowed-rule.js";
import { silentFailure } from "./silent-failure.js";
import { translationBypassesFilter } from "./translation-bypasses-filter.js";
import { undecidableForm } from "./undecidable-form.js";
import { undecided } from "./undecided.js";
import { unreadText } from "./unread-text.js";
import { unusedDefinition } from "./unused-definition.js";
import { wholeCloudException } from "./whole-cloud-exception.js";

/** Every rule about devices, by category and in the order of the codes. */
export const rules: readonly LintRule[] = [
  deniedTrafficPasses,
  allowedTrafficBlocked,
  undecided,
  ipv6Open,
  oneDirectionOpen,
  listNotBound,
  denyTooLate,
  denyNotInForce,
  translationBypassesFilter,
  hookNotFiltered,
  outsideNotKnown,
  noRules,
  leftToOthers,
  exceptionTooBroad,
  exceptionStale,
  exceptionIncomplete,
  wholeCloudException,
  expiredException,
  broadException,
  shadowedRule,
  redundantRule,
  generalisedRules,
  correlatedRules,
  deadRule,
  unusedDefinition,
  emptyDefinition,
  duplicateRule,
  permitAnyAny,
  missingLog,
  unreadText,
  undecidableForm,
  silentFailure,
  loadFailure,
  missingReference,
  familyNotGiven,
  addressTranslation,
];
