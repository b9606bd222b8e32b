// Edge policy smb-hosts, written by ringwall 0.1.0. Change the policy, not this file.
// SMB stays inside, and inside only where it is needed.
// Feed azure: changeNumber 5, sha256 4491a65d08543a378824cb652a42631a935d1d5c67daf28aef87a667db8c920c
//
// A port filter sees neither dialect nor encryption: the storage account asks for both. Deploy it with
//   az deployment group create --resource-group <group> --template-file file-service.bicep --parameters storageAccount=<name>
// A deployment sets the file service as a whole: put what else it has (soft delete, CORS) into this file first.

@description('Name of the storage account whose shares are used over TCP 445.')
param storageAccount string

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: storageAccount
}

resource fileService 'Microsoft.Storage/storageAccounts/fileServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    protocolSettings: {
      smb: {
        versions: 'SMB3.0;SMB3.1.1'
        channelEncryption: 'AES-128-CCM;AES-128-GCM;AES-256-GCM'
        encryptionInTransit: {
          required: true
        }
      }
    }
  }
}
