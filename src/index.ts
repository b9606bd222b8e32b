/**
 * Ringwall as a library: texts in, texts and diagnostics out. Nothing here reads or writes a file, the clock, the network
 * or the environment; vendors of this package are loaded when they are needed. Bad input gives diagnostics and never
 * throws.
 *
 * ```ts
 * import { compile } from "ringwall";
 *
 * const { ok, targets, diagnostics } = await compile(policyText, { files: { "feeds/azure.json": feedText } });
 * ```
 */
export { compile } from "./library/compile.js";
export type { CompileOptions, CompileResult } from "./library/compile.js";
export type { CompiledTarget, Proof } from "./jobs/compile.js";
export { explain } from "./library/explain.js";
export type { ExplainOptions, ExplainResult } from "./library/explain.js";
export type { ExplainedCase, ExplainedStep, Explanation } from "./jobs/explain.js";
export type { PacketVerdict } from "./jobs/answer.js";
export { lint } from "./library/lint.js";
export type { LintAnswer, LintCall, LintedFinding } from "./library/lint.js";
export type { Finding } from "./lint/finding.js";
export { diff } from "./library/diff.js";
export type { DiffAnswer } from "./library/diff.js";
export type { DiffDifference, DiffFate, DiffOptions, DiffResult } from "./jobs/diff.js";
export { exceptions } from "./library/exceptions.js";
export type { ExceptionsOf, ExceptionsOptions, ExceptionsResult } from "./library/exceptions.js";
export { addressListFormats } from "./library/list-formats.js";
export { diffFeeds, feedLookup, readFeed } from "./library/feeds.js";
export type { FeedDiffAnswer, FeedDiffOptions, FeedLookup, GivenFeedText } from "./library/feeds.js";
export type {
  AnyFeed,
  AzureDiff,
  AzureFeed,
  FeedPart,
  FeedReading,
  Found,
  Office365Diff,
  Office365Feed,
} from "./feeds/index.js";
export { lockedFeed, lockText, readLock, readLockedFile } from "./library/lock.js";
export type { Lock, LockReading, LockedFeed, LockedFile, LockedReading, WantedFeed } from "./library/lock.js";
export type { AddressList, AddressListFormat } from "./vendor-kit/address-list.js";
export type { AddressSet } from "./net/index.js";
export type { Subject } from "./library/subject.js";
export type { FileReading, GivenFiles, ReadFile } from "./library/files.js";
export { packetText, readPacket } from "./jobs/packet-syntax.js";
export type { PacketReading } from "./jobs/packet-syntax.js";
export { renderDiagnostics } from "./report/text.js";
export { codes, diagnostic, hasErrors, positionOf, spanLabel } from "./diagnostics/index.js";
export type { Code, Diagnostic, Label, Position, Severity, Source, Span } from "./diagnostics/index.js";
export type { EmittedFile, Manifest, Vendor } from "./vendor-kit/vendor.js";
export { installedVendors, registryOf } from "./registry.js";
export type { LoadedVendor, Registry } from "./registry.js";
