import type { EmittedFile, Hosts, Target } from "../../src/vendor-kit/index.js";
import { render } from "../../src/vendor-kit/index.js";

/**
 * What the storage accounts of Azure Files ask of their clients: SMB 3 and encryption, as Bicep and as az commands.
 *
 * Sources: Microsoft.Storage/storageAccounts/fileServices, `protocolSettings.smb`; `az storage account
 * file-service-properties update`.
 */
export function fileServiceFiles(
  hosts: Hosts,
  header: readonly string[],
  folder: string,
  target: Target,
): EmittedFile[] {
  const newOnly = hosts.roles.every((role) => role.smb.minimumDialect === "SMB3.1.1");
  const values = {
    versions: newOnly ? "SMB3.1.1" : "SMB3.0;SMB3.1.1",
    // What SMB 3.0 clients know comes first; without it they could not connect at all.
    ciphers: newOnly ? "AES-128-GCM;AES-256-GCM" : "AES-128-CCM;AES-128-GCM;AES-256-GCM",
  };
  const commented = (sign: string): string[] => header.map((line) => `${sign} ${line}`.trimEnd());
  const write = (name: string, sign: string): string =>
    render(target.templates[`${name}.hbs`]!, { header: commented(sign), ...values });
  return [
    {
      path: `${folder}file-service.bicep`,
      text: write("file-service.bicep", "//"),
      about: "storage accounts of Azure Files: SMB 3 and encryption, as Bicep",
    },
    {
      path: `${folder}file-service.sh`,
      text: write("file-service.sh", "#"),
      executable: true,
      about: "the same with az",
    },
  ];
}
