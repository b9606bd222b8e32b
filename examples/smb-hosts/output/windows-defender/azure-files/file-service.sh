#!/bin/sh
# Edge policy smb-hosts, written by ringwall 0.1.0. Change the policy, not this file.
# SMB stays inside, and inside only where it is needed.
# Feed azure: changeNumber 5, sha256 4491a65d08543a378824cb652a42631a935d1d5c67daf28aef87a667db8c920c
#
# A port filter sees neither dialect nor encryption: the storage account asks for both. Everything else of the account
# and of its file service stays as it is.
#
#   file-service.sh RESOURCE_GROUP STORAGE_ACCOUNT          sets it
#   file-service.sh RESOURCE_GROUP STORAGE_ACCOUNT --show   shows what is set
#
# Exit status: 0 done, 2 wrong use, else that of az.

set -eu

usage() {
  printf '%s\n' 'usage: file-service.sh RESOURCE_GROUP STORAGE_ACCOUNT [--show]' >&2
  exit 2
}

[ "$#" -ge 2 ] && [ "$#" -le 3 ] || usage
group=$1
account=$2

case "${3:-}" in
  --show)
    az storage account show --resource-group "$group" --name "$account" --query enableHttpsTrafficOnly
    az storage account file-service-properties show --resource-group "$group" --account-name "$account" --query protocolSettings.smb
    ;;
  '')
    # Secure transfer: SMB without encryption is refused.
    az storage account update --resource-group "$group" --name "$account" --https-only true --output none
    az storage account file-service-properties update --resource-group "$group" --account-name "$account" \
      --versions 'SMB3.0;SMB3.1.1' --channel-encryption 'AES-128-CCM;AES-128-GCM;AES-256-GCM' --output none
    ;;
  *) usage ;;
esac
