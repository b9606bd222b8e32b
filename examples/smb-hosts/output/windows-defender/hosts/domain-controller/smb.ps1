# Edge policy smb-hosts, written by ringwall 0.1.0. Change the policy, not this file.
# SMB stays inside, and inside only where it is needed.
# Feed azure: changeNumber 5, sha256 4491a65d08543a378824cb652a42631a935d1d5c67daf28aef87a667db8c920c
#
# Role domain-controller (domain-controller).
# As a Group Policy object link it with the WMI filter: SELECT * FROM Win32_OperatingSystem WHERE ProductType = 2
# In guest and public networks nothing is reached by SMB: small offices and travelling people may lose a NAS or a printer.
# These rules are about TCP 445. SMB over NetBIOS uses TCP 139, SMB over QUIC UDP 443, and clients of Windows 11 24H2 can be told to use other ports.

<#
.SYNOPSIS
Brings the services and settings of SMB below into force, compares them with what is in force, or takes them back.

.DESCRIPTION
Running it again changes nothing that is as it should be. A setting that this release of Windows does not have is told
and left out.

.PARAMETER Check
Changes nothing and reports what is not as it should be.

.PARAMETER Remove
Gives every service and setting the value that it had before the first run. SMB1 comes back only where it was enabled.

.PARAMETER StateFolder
Where the values before the first run are kept. Ringwall below the folder for programs' data by default.

.NOTES
Exit codes: 0 done, or as it should be; 1 -Check found drift; 2 refused, nothing was changed; 3 failed on the way.
Removing SMB1, and stopping a service that others use, may need a restart; the script never restarts the computer.
#>
#Requires -Version 5.1
#Requires -RunAsAdministrator
#Requires -Modules SmbShare
[CmdletBinding(SupportsShouldProcess = $true, DefaultParameterSetName = 'Apply')]
param (
    [Parameter(Mandatory = $true, ParameterSetName = 'Check')]
    [switch]
    $Check,

    [Parameter(Mandatory = $true, ParameterSetName = 'Remove')]
    [switch]
    $Remove,

    [string]
    $StateFolder = ''
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

#region data
$Policy = 'smb-hosts'
$Role = 'domain-controller'
$StateName = 'Ringwall-smb-hosts-hosts'
$Guards = @()
$SmbServerConfiguration = @()
$SmbServerConfiguration += @{
    EnableSMB1Protocol = $false
    Smb2DialectMin     = 'SMB300'
    EncryptionCiphers  = 'AES_128_GCM, AES_128_CCM'
}
$SmbClientConfiguration = @()
$SmbClientConfiguration += @{
    Smb2DialectMin    = 'SMB300'
    EncryptionCiphers = 'AES_128_GCM, AES_128_CCM'
}
$RemovedFeatures = @(
    'SMB1Protocol'
)
$DisabledServices = @()
#endregion data

if ($StateFolder -eq '') {
    $StateFolder = Join-Path -Path ([System.Environment]::GetFolderPath('CommonApplicationData')) -ChildPath 'Ringwall'
}
$StateFile = Join-Path -Path $StateFolder -ChildPath "$StateName-smb.json"
$DriftCount = 0
$Subject = "the policy $Policy"
if ($Role -ne '') {
    $Subject = "the role $Role of the policy $Policy"
}

function Invoke-Script {
    if ($Remove) {
        Restore-Everything
        return 0
    }
    $refusal = Get-Refusal
    if ($null -ne $refusal) {
        [System.Console]::Error.WriteLine("refused: $refusal")
        return 2
    }
    if ($Check) {
        Test-Everything
        if ($script:DriftCount -gt 0) {
            return 1
        }
        Write-Host "everything is as $Subject wants it"
        return 0
    }
    Save-State
    Set-Everything
    return 0
}

function Set-Everything {
    foreach ($settings in $SmbServerConfiguration) {
        Set-SmbSetting -Side 'Server' -Wanted $settings
    }
    foreach ($settings in $SmbClientConfiguration) {
        Set-SmbSetting -Side 'Client' -Wanted $settings
    }
    foreach ($name in $RemovedFeatures) {
        if ((Get-FeatureState -Name $name) -eq 'Enabled') {
            if (-not $WhatIfPreference) {
                Disable-WindowsOptionalFeature -Online -FeatureName $name -NoRestart | Out-Null
            }
            Write-Done -Text "removed: feature $name"
        }
    }
    foreach ($name in $DisabledServices) {
        $service = Get-Service -Name $name -ErrorAction SilentlyContinue
        if ($null -eq $service) {
            continue
        }
        if ("$($service.StartType)" -ne 'Disabled') {
            Set-Service -Name $name -StartupType 'Disabled' -WhatIf:$WhatIfPreference
            Write-Done -Text "disabled: service $name"
        }
        if ("$($service.Status)" -ne 'Stopped') {
            Stop-Service -Name $name -Force -WhatIf:$WhatIfPreference
            Write-Done -Text "stopped: service $name"
        }
    }
}

function Test-Everything {
    foreach ($settings in $SmbServerConfiguration) {
        Test-SmbSetting -Side 'Server' -Wanted $settings
    }
    foreach ($settings in $SmbClientConfiguration) {
        Test-SmbSetting -Side 'Client' -Wanted $settings
    }
    foreach ($name in $RemovedFeatures) {
        if ((Get-FeatureState -Name $name) -eq 'Enabled') {
            Write-Drift -Text "feature $name is enabled"
        }
    }
    foreach ($name in $DisabledServices) {
        $service = Get-Service -Name $name -ErrorAction SilentlyContinue
        if ($null -ne $service -and "$($service.StartType)" -ne 'Disabled') {
            Write-Drift -Text "service $name starts as $($service.StartType)"
        }
        if ($null -ne $service -and "$($service.Status)" -ne 'Stopped') {
            Write-Drift -Text "service $name is $($service.Status)"
        }
    }
}

# --- Settings ---------------------------------------------------------------------------------------------------------

function Set-SmbSetting {
    param (
        [string]
        $Side,

        [hashtable]
        $Wanted
    )

    foreach ($name in ($Wanted.Keys | Sort-Object)) {
        if (-not (Test-Parameter -Side $Side -Name $name)) {
            Write-Host "not in this release of Windows: SMB $Side setting $name"
            continue
        }
        if (Test-SameValue -Side $Side -Name $name -Value $Wanted[$name]) {
            Write-Host "unchanged: SMB $Side setting $name"
            continue
        }
        Write-SmbSetting -Side $Side -Name $name -Value $Wanted[$name]
        Write-Done -Text "changed: SMB $Side setting $name to $($Wanted[$name])"
    }
}

function Test-SmbSetting {
    param (
        [string]
        $Side,

        [hashtable]
        $Wanted
    )

    foreach ($name in ($Wanted.Keys | Sort-Object)) {
        if (-not (Test-Parameter -Side $Side -Name $name)) {
            Write-Host "not in this release of Windows: SMB $Side setting $name"
        }
        elseif (-not (Test-SameValue -Side $Side -Name $name -Value $Wanted[$name])) {
            Write-Drift -Text "SMB $Side setting $name is $(Read-SmbSetting -Side $Side -Name $name), should be $($Wanted[$name])"
        }
    }
}

function Test-Parameter {
    param (
        [string]
        $Side,

        [string]
        $Name
    )

    return (Get-Command -Name "Set-Smb${Side}Configuration").Parameters.ContainsKey($Name)
}

function Test-SameValue {
    param (
        [string]
        $Side,

        [string]
        $Name,

        $Value
    )

    # A list of ciphers is one text, and Windows may give it back with other spaces.
    $is = "$(Read-SmbSetting -Side $Side -Name $Name)" -replace '\s', ''
    $should = "$Value" -replace '\s', ''
    return $is -eq $should
}

function Read-SmbSetting {
    param (
        [string]
        $Side,

        [string]
        $Name
    )

    if ($Side -eq 'Server') {
        return (Get-SmbServerConfiguration).$Name
    }
    return (Get-SmbClientConfiguration).$Name
}

function Write-SmbSetting {
    param (
        [string]
        $Side,

        [string]
        $Name,

        $Value
    )

    $setting = @{
        $Name = $Value
    }
    if ($Side -eq 'Server') {
        Set-SmbServerConfiguration @setting -Force -WhatIf:$WhatIfPreference
    }
    else {
        Set-SmbClientConfiguration @setting -Force -WhatIf:$WhatIfPreference
    }
}

function Get-FeatureState {
    param (
        [string]
        $Name
    )

    $feature = Get-WindowsOptionalFeature -Online -FeatureName $Name -ErrorAction SilentlyContinue
    if ($null -eq $feature) {
        return ''
    }
    return "$($feature.State)"
}

# --- The values before the first run ----------------------------------------------------------------------------------

function Save-State {
    $state = Read-State
    $known = $state.Count
    foreach ($side in @('Server', 'Client')) {
        foreach ($name in (Get-WantedName -Side $side)) {
            $key = "$side $name"
            if (-not $state.ContainsKey($key) -and (Test-Parameter -Side $side -Name $name)) {
                $value = Read-SmbSetting -Side $side -Name $name
                if ($value -isnot [bool]) {
                    $value = "$value"
                }
                $state[$key] = $value
            }
        }
    }
    foreach ($name in $RemovedFeatures) {
        if (-not $state.ContainsKey("feature $name")) {
            $state["feature $name"] = Get-FeatureState -Name $name
        }
    }
    foreach ($name in $DisabledServices) {
        $service = Get-Service -Name $name -ErrorAction SilentlyContinue
        if ($null -ne $service -and -not $state.ContainsKey("service $name")) {
            $state["service $name"] = "$($service.StartType)"
            $state["service $name was"] = "$($service.Status)"
        }
    }
    if ($state.Count -gt $known) {
        New-Item -ItemType Directory -Path $StateFolder -Force -WhatIf:$WhatIfPreference | Out-Null
        $text = ConvertTo-Json -InputObject $state
        Set-Content -LiteralPath $StateFile -Value $text -Encoding UTF8 -WhatIf:$WhatIfPreference
    }
}

function Read-State {
    $state = @{}
    if (Test-Path -LiteralPath $StateFile) {
        $kept = Get-Content -LiteralPath $StateFile -Raw -Encoding UTF8 | ConvertFrom-Json
        foreach ($property in $kept.PSObject.Properties) {
            $state[$property.Name] = $property.Value
        }
    }
    return $state
}

function Restore-Everything {
    $state = Read-State
    foreach ($name in $DisabledServices) {
        $before = "$($state["service $name"])"
        if ($before -ne '' -and $before -ne 'Disabled') {
            Set-Service -Name $name -StartupType $before -WhatIf:$WhatIfPreference
            if ("$($state["service $name was"])" -eq 'Running') {
                Start-Service -Name $name -WhatIf:$WhatIfPreference
            }
            Write-Done -Text "as before: service $name, $before"
        }
    }
    foreach ($name in $RemovedFeatures) {
        if ("$($state["feature $name"])" -eq 'Enabled' -and (Get-FeatureState -Name $name) -ne 'Enabled') {
            if (-not $WhatIfPreference) {
                Enable-WindowsOptionalFeature -Online -FeatureName $name -NoRestart | Out-Null
            }
            Write-Done -Text "as before: feature $name, enabled"
        }
    }
    foreach ($side in @('Server', 'Client')) {
        foreach ($name in (Get-WantedName -Side $side)) {
            $key = "$side $name"
            if ($state.ContainsKey($key) -and (Test-Parameter -Side $side -Name $name)) {
                Write-SmbSetting -Side $side -Name $name -Value $state[$key]
                Write-Done -Text "as before: SMB $side setting $name"
            }
        }
    }
    if (Test-Path -LiteralPath $StateFile) {
        Remove-Item -LiteralPath $StateFile -WhatIf:$WhatIfPreference
    }
}

function Get-WantedName {
    param (
        [string]
        $Side
    )

    $tables = $SmbClientConfiguration
    if ($Side -eq 'Server') {
        $tables = $SmbServerConfiguration
    }
    foreach ($settings in $tables) {
        $settings.Keys | Sort-Object
    }
}

# --- Guards -----------------------------------------------------------------------------------------------------------

function Get-Refusal {
    # Why this computer must not get these services; nothing where it may.
    if ($Guards -contains 'no-domain-controller' -and (Get-CimInstance -ClassName Win32_OperatingSystem).ProductType -eq 2) {
        return 'this is a domain controller: its server service must never stop; give it a role for domain controllers'
    }
    if ($Guards -contains 'no-domain-member' -and (Get-CimInstance -ClassName Win32_ComputerSystem).PartOfDomain) {
        return 'this computer is a member of a domain: without its workstation service Group Policy would stop; give it a role for members'
    }
    if ($Guards -contains 'no-shares') {
        $shares = @(Get-ShareName)
        if ($shares.Count -gt 0) {
            return "this computer shares $($shares -join ', '): its server service must never stop; give it a role for file servers, or end the shares"
        }
    }
    return $null
}

function Get-ShareName {
    $server = Get-Service -Name 'LanmanServer' -ErrorAction SilentlyContinue
    if ($null -eq $server -or "$($server.Status)" -ne 'Running') {
        return
    }
    Get-SmbShare -Special $false | ForEach-Object -Process { $_.Name }
}

function Write-Done {
    param (
        [string]
        $Text
    )

    if ($WhatIfPreference) {
        Write-Host "would be $Text"
        return
    }
    Write-Host $Text
}

function Write-Drift {
    param (
        [string]
        $Text
    )

    $script:DriftCount += 1
    Write-Host "drift: $Text"
}

try {
    $outcome = @(Invoke-Script)
    exit $outcome[-1]
}
catch {
    [System.Console]::Error.WriteLine("failed: $($_.Exception.Message)")
    exit 3
}
