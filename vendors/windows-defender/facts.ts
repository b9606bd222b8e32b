import type {
  AddressSet,
  ProtectedHosts,
  SmbCipher,
  SmbDialect,
  SmbService,
  Source,
} from "../../src/vendor-kit/index.js";
import { anyAddress, hostFacts, smbCiphers, smbDialects, trustedProfiles } from "../../src/vendor-kit/index.js";
import { readAddresses, readProfiles } from "./fields.js";
import type { Data, DataTable } from "./powershell-data.js";
import { readData } from "./powershell-data.js";
import { scriptParts } from "./powershell-form.js";

/**
 * What our scripts bring about besides rules for packets, in the words of the kit's `hostFacts`. Of texts that are not
 * ours, or whose program somebody changed, nothing is said. What is there and not understood is told in words of its own,
 * which no policy asks for.
 */
export function factsIn(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const parts = scriptParts(text);
    if (parts === undefined) return [];
    const data = parts.program === undefined ? undefined : readData(parts.data);
    if (data === undefined) return [`${path} is not as it was written`];
    return parts.program === "firewall" ? firewallFacts(data) : smbFacts(data);
  });
}

function firewallFacts(data: Data): string[] {
  const disabled = new Set(data.lists.get("DisabledRules"));
  const known: Readonly<Record<string, ProtectedHosts>> = {
    "no-domain-controller": "domain controllers",
    "no-shares": "hosts with shares",
    "no-domain-member": "members of a domain",
    "domain-controller-listed": "hosts whose domain controller is not listed",
  };
  const restored = new Set(data.lists.get("BuiltInRules"));
  const forgotten = openers.filter((name) => !restored.delete(name));
  return [
    ...[...forgotten, ...restored].map((name) => `what becomes of rule ${name} when the script is undone`),
    ...(openers.every((name) => disabled.delete(name)) ? [hostFacts.openersOff] : []),
    ...[...disabled].map((name) => `rule ${name} is off`),
    ...guards(data).map((guard) =>
      known[guard] === undefined ? `guard ${guard}` : hostFacts.rulesNeverOn(known[guard]),
    ),
    ...authentication(data),
  ];
}

/** Source: docs/vendors/windows-defender.md, "Built-in rules". Written apart from the list that is emitted. */
const openers: readonly string[] = [
  ...["FPS-SMB-In-TCP", "RemoteEventLogSvc-NP-In-TCP", "RemoteSvcAdmin-NP-In-TCP"].flatMap((name) => [
    name,
    `${name}-NoScope`,
  ]),
  "FPS-SMB-In-TCP-V2",
  "Netlogon-NamedPipe-In",
];

function guards(data: Data): readonly string[] {
  return data.lists.get("Guards") ?? [];
}

/** Connection security rules of one side and the same profiles are one list of addresses. */
function authentication(data: Data): string[] {
  const sets = new Map((data.tables.get("AuthenticationSets") ?? []).map((set) => [set.get("Name"), set.get("Kind")]));
  const asked = new Map<string, { readonly tell: (addresses: AddressSet) => string; readonly of: string[] }>();
  const odd: string[] = [];
  for (const rule of data.tables.get("ConnectionSecurityRules") ?? []) {
    const way = wayOf(rule);
    const profiles = (readProfiles(listOf(rule, "Profile")) ?? []).map((profile) => profile.toLowerCase());
    const trusted = trustedProfiles.filter((profile) => profiles.includes(profile));
    const quick = rule.get("QuickModeCryptoSet");
    const sound =
      sets.get(rule.get("Phase1AuthSet")!) === "machine-kerberos" &&
      sets.get(rule.get("Phase2AuthSet")!) === "user-kerberos" &&
      (quick === undefined || sets.get(quick) === "no-encapsulation") &&
      ["Request", "Require"].includes(textOf(rule, "OutboundSecurity")) &&
      textOf(rule, "InboundSecurity") === "Request" &&
      textOf(rule, "Enabled") === "True" &&
      textOf(rule, "Protocol") === "TCP" &&
      textOf(rule, "LocalAddress") === "Any" &&
      trusted.length === profiles.length;
    if (way === undefined || !sound) {
      odd.push(`connection security rule ${textOf(rule, "IPsecRuleName")}`);
      continue;
    }
    const key = `${way} ${trusted.join()} ${String(quick)}`;
    const tell = (addresses: AddressSet): string =>
      hostFacts.authentication(way, addresses, trusted, quick !== undefined);
    const entry = asked.get(key) ?? { tell, of: [] };
    entry.of.push(...listOf(rule, "RemoteAddress"));
    asked.set(key, entry);
  }
  const told = [...asked.values()].map(({ tell, of }) => {
    const filter = readAddresses(of);
    if (filter === "any") return tell(anyAddress);
    return filter === undefined || filter.keywords.length > 0
      ? "connection security with addresses that were not understood"
      : tell(filter.addresses);
  });
  return [...told, ...odd];
}

/** Whether SMB to other hosts or from them is meant. */
function wayOf(rule: DataTable): "to" | "from" | undefined {
  const ports = `${textOf(rule, "LocalPort")} ${textOf(rule, "RemotePort")}`;
  return ports === "Any 445" ? "to" : ports === "445 Any" ? "from" : undefined;
}

function textOf(table: DataTable, key: string): string {
  const value = table.get(key);
  return typeof value === "string" ? value : "";
}

function listOf(table: DataTable, key: string): readonly string[] {
  const value = table.get(key);
  return typeof value === "string" ? [value] : Array.isArray(value) ? (value as readonly string[]) : [];
}

function smbFacts(data: Data): string[] {
  const stopped = (data.lists.get("DisabledServices") ?? []).map(serviceOf);
  return [
    ...(data.lists.get("RemovedFeatures") ?? []).map((name) =>
      name === "SMB1Protocol" ? hostFacts.smb1Removed : `feature ${name} is removed`,
    ),
    ...(data.tables.get("SmbServerConfiguration") ?? []).flatMap((table) => settingFacts("server", table)),
    ...(data.tables.get("SmbClientConfiguration") ?? []).flatMap((table) => settingFacts("client", table)),
    ...stopped.map((service) =>
      service === "server" || service === "workstation" ? hostFacts.serviceOff(service) : `service ${service} is off`,
    ),
    ...guards(data).map(serviceGuard),
  ];
}

function serviceOf(name: string): string {
  const services: Readonly<Record<string, SmbService>> = { LanmanServer: "server", LanmanWorkstation: "workstation" };
  return services[name] ?? name;
}

function serviceGuard(guard: string): string {
  switch (guard) {
    case "no-domain-controller":
      return hostFacts.serviceStays("server", "domain controllers");
    case "no-shares":
      return hostFacts.serviceStays("server", "hosts with shares");
    case "no-domain-member":
      return hostFacts.serviceStays("workstation", "members of a domain");
    default:
      return `guard ${guard}`;
  }
}

/** Encryption is asked for by two settings of the server, and one of the client. */
function settingFacts(side: "server" | "client", table: DataTable): string[] {
  const left = new Map(table);
  const take = (key: string, value: string | boolean): boolean => left.get(key) === value && left.delete(key);
  const facts: string[] = [];
  if (side === "server" && take("EnableSMB1Protocol", false)) facts.push(hostFacts.smb1Off);
  const encrypts =
    side === "server"
      ? [take("EncryptData", true), take("RejectUnencryptedAccess", true)].every(Boolean)
      : take("RequireEncryption", true);
  if (encrypts) facts.push(hostFacts.encryption(side));
  const dialect = dialects.get(textOf(table, "Smb2DialectMin"));
  if (dialect !== undefined && left.delete("Smb2DialectMin")) facts.push(hostFacts.dialect(side, dialect));
  const ciphers = ciphersIn(textOf(table, "EncryptionCiphers"));
  if (ciphers !== undefined && left.delete("EncryptionCiphers")) facts.push(hostFacts.ciphers(side, ciphers));
  return [...facts, ...[...left].map(([key, value]) => `SMB ${side} setting ${key} is ${String(value)}`)];
}

/** Source: Set-SmbServerConfiguration, `-Smb2DialectMin`. */
const dialects: ReadonlyMap<string, SmbDialect> = new Map(
  smbDialects.map((dialect) => {
    const digits = dialect.replace(/\D/g, "");
    return [`SMB${digits.length === 2 ? `${digits}0` : digits}`, dialect];
  }),
);

function ciphersIn(text: string): SmbCipher[] | undefined {
  const words = text.split(/, */);
  const found = words.flatMap((word) => smbCiphers.find((cipher) => cipher === word.replaceAll("_", "-")) ?? []);
  return found.length === words.length ? found : undefined;
}
