# Edge policy smb-hosts, written by ringwall 0.1.0. Change the policy, not this file.
# SMB stays inside, and inside only where it is needed.
# Feed azure: changeNumber 5, sha256 4491a65d08543a378824cb652a42631a935d1d5c67daf28aef87a667db8c920c
#
# Role member-server (member-server).
# As a Group Policy object link it with the WMI filter: SELECT * FROM Win32_OperatingSystem WHERE ProductType = 3
# SMB to servers needs their connection security rules: give the servers their role first.
# A NAS or a printer that cannot authenticate is cut off unless the policy lists it below without-authentication.
# In guest and public networks nothing is reached by SMB: small offices and travelling people may lose a NAS or a printer.
# These rules are about TCP 445. SMB over NetBIOS uses TCP 139, SMB over QUIC UDP 443, and clients of Windows 11 24H2 can be told to use other ports.

<#
.SYNOPSIS
Brings the rules below into force, compares them with what is in force, or takes them back.

.DESCRIPTION
Running it again changes nothing that is as it should be. Rules are written in an order that locks nobody out: what
allows comes before what blocks, and goes after it. Rules of the same group that are no longer wanted are removed.

.PARAMETER Check
Changes nothing and reports what is not as it should be.

.PARAMETER Remove
Removes every rule of the group and turns the built-in rules back to what they were.

.PARAMETER PolicyStore
PersistentStore for this computer, or a Group Policy object as 'corp.example.com\Name'. With -Check also ActiveStore,
which is what all stores together come to.

.PARAMETER StateFolder
Where the state before the first run is kept. Ringwall below the folder for programs' data by default.

.NOTES
Exit codes: 0 done, or as it should be; 1 -Check found drift; 2 refused, nothing was changed; 3 failed on the way.
#>
#Requires -Version 5.1
#Requires -RunAsAdministrator
#Requires -Modules NetSecurity
[CmdletBinding(SupportsShouldProcess = $true, DefaultParameterSetName = 'Apply')]
param (
    [Parameter(Mandatory = $true, ParameterSetName = 'Check')]
    [switch]
    $Check,

    [Parameter(Mandatory = $true, ParameterSetName = 'Remove')]
    [switch]
    $Remove,

    [string]
    $PolicyStore = '',

    [string]
    $StateFolder = ''
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

#region data
$Policy = 'smb-hosts'
$Role = 'member-server'
$Group = 'Ringwall smb-hosts: hosts'
$StateName = 'Ringwall-smb-hosts-hosts'
$DefaultPolicyStore = 'PersistentStore'
$Guards = @(
    'no-domain-controller'
    'no-shares'
    'domain-controller-listed'
)
$BuiltInRules = @(
    'FPS-SMB-In-TCP'
    'FPS-SMB-In-TCP-NoScope'
    'FPS-SMB-In-TCP-V2'
    'Netlogon-NamedPipe-In'
    'RemoteEventLogSvc-NP-In-TCP'
    'RemoteEventLogSvc-NP-In-TCP-NoScope'
    'RemoteSvcAdmin-NP-In-TCP'
    'RemoteSvcAdmin-NP-In-TCP-NoScope'
)
$DisabledRules = @(
    'FPS-SMB-In-TCP'
    'FPS-SMB-In-TCP-NoScope'
    'FPS-SMB-In-TCP-V2'
    'Netlogon-NamedPipe-In'
    'RemoteEventLogSvc-NP-In-TCP'
    'RemoteEventLogSvc-NP-In-TCP-NoScope'
    'RemoteSvcAdmin-NP-In-TCP'
    'RemoteSvcAdmin-NP-In-TCP-NoScope'
)
$AuthenticationSets = @()
$AuthenticationSets += @{
    Kind        = 'machine-kerberos'
    Name        = 'Ringwall-smb-hosts-hosts-machine-kerberos'
    DisplayName = 'Ringwall smb-hosts: hosts: machine-kerberos'
    Group       = 'Ringwall smb-hosts: hosts'
}
$AuthenticationSets += @{
    Kind        = 'user-kerberos'
    Name        = 'Ringwall-smb-hosts-hosts-user-kerberos'
    DisplayName = 'Ringwall smb-hosts: hosts: user-kerberos'
    Group       = 'Ringwall smb-hosts: hosts'
}
$ConnectionSecurityRules = @()
$ConnectionSecurityRules += @{
    IPsecRuleName    = 'Ringwall-Hosts-Authenticate-Out-SMB'
    DisplayName      = 'Ringwall: Authenticate SMB to servers'
    Description      = 'Role member-server (member-server).'
    Group            = 'Ringwall smb-hosts: hosts'
    Enabled          = 'True'
    Profile          = @(
        'Domain'
        'Private'
    )
    InboundSecurity  = 'Request'
    OutboundSecurity = 'Request'
    Phase1AuthSet    = 'Ringwall-smb-hosts-hosts-machine-kerberos'
    Phase2AuthSet    = 'Ringwall-smb-hosts-hosts-user-kerberos'
    Protocol         = 'TCP'
    LocalPort        = 'Any'
    RemotePort       = '445'
    LocalAddress     = 'Any'
    RemoteAddress    = @(
        '10.1.0.10/31'
        '10.1.4.0/28'
        '2001:db8:1::10'
        '2001:db8:1:4::/64'
    )
}
$FirewallRules = @()
$FirewallRules += @{
    Name               = 'Ringwall-Hosts-Allow-Out-SMB-Secure'
    DisplayName        = 'Ringwall: Allow outbound Domain/Private SMB 445 to domain-controllers, file-servers if secure'
    Description        = 'Role member-server (member-server).'
    Group              = 'Ringwall smb-hosts: hosts'
    Enabled            = 'True'
    Profile            = @(
        'Domain'
        'Private'
    )
    Direction          = 'Outbound'
    Action             = 'Allow'
    Program            = 'Any'
    Service            = 'Any'
    InterfaceType      = 'Any'
    Protocol           = 'TCP'
    LocalPort          = 'Any'
    RemotePort         = '445'
    LocalAddress       = 'Any'
    RemoteAddress      = @(
        '10.1.0.10/31'
        '10.1.4.0/28'
        '2001:db8:1::10'
        '2001:db8:1:4::/64'
    )
    Authentication     = 'Required'
    Encryption         = 'NotRequired'
    OverrideBlockRules = $true
}
$FirewallRules += @{
    Name                = 'Ringwall-Hosts-Block-In-SMB'
    DisplayName         = 'Ringwall: Block all inbound SMB 445'
    Description         = 'Role member-server (member-server).'
    Group               = 'Ringwall smb-hosts: hosts'
    Enabled             = 'True'
    Profile             = 'Any'
    Direction           = 'Inbound'
    Action              = 'Block'
    EdgeTraversalPolicy = 'Block'
    Program             = 'Any'
    Service             = 'Any'
    InterfaceType       = 'Any'
    Protocol            = 'TCP'
    LocalPort           = '445'
    RemotePort          = 'Any'
    LocalAddress        = 'Any'
    RemoteAddress       = 'Any'
}
$FirewallRules += @{
    Name          = 'Ringwall-Hosts-Block-Out-SMB-Public'
    DisplayName   = 'Ringwall: Block outbound Guest/Public SMB 445'
    Description   = 'Role member-server (member-server).'
    Group         = 'Ringwall smb-hosts: hosts'
    Enabled       = 'True'
    Profile       = 'Public'
    Direction     = 'Outbound'
    Action        = 'Block'
    Program       = 'Any'
    Service       = 'Any'
    InterfaceType = 'Any'
    Protocol      = 'TCP'
    LocalPort     = 'Any'
    RemotePort    = '445'
    LocalAddress  = 'Any'
    RemoteAddress = 'Any'
}
$FirewallRules += @{
    Name          = 'Ringwall-Hosts-Block-Out-SMB-Trusted'
    DisplayName   = 'Ringwall: Block outbound Domain/Private SMB 445'
    Description   = 'Role member-server (member-server).'
    Group         = 'Ringwall smb-hosts: hosts'
    Enabled       = 'True'
    Profile       = @(
        'Domain'
        'Private'
    )
    Direction     = 'Outbound'
    Action        = 'Block'
    Program       = 'Any'
    Service       = 'Any'
    InterfaceType = 'Any'
    Protocol      = 'TCP'
    LocalPort     = 'Any'
    RemotePort    = '445'
    LocalAddress  = 'Any'
    RemoteAddress = 'Any'
}
$FirewallProfiles = @()
#endregion data

if ($PolicyStore -eq '') {
    $PolicyStore = $DefaultPolicyStore
}
if ($StateFolder -eq '') {
    $StateFolder = Join-Path -Path ([System.Environment]::GetFolderPath('CommonApplicationData')) -ChildPath 'Ringwall'
}
$StateFile = Join-Path -Path $StateFolder -ChildPath "$StateName.json"
# What a Group Policy object cannot do: turn off a rule of the computer's own store, look at the computer it is for.
$ThisComputer = $PolicyStore -notlike '*\*'
$DriftCount = 0
$Subject = "the policy $Policy"
if ($Role -ne '') {
    $Subject = "the role $Role of the policy $Policy"
}

function Invoke-Script {
    if ($PolicyStore -eq 'ActiveStore' -and -not $Check) {
        [System.Console]::Error.WriteLine('refused: ActiveStore is what all stores together come to; it can only be checked')
        return 2
    }
    if ($Remove) {
        Remove-Everything
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
    Set-Everything
    return 0
}

function Set-Everything {
    Save-State
    foreach ($set in $AuthenticationSets) {
        Set-AuthenticationSet -Wanted $set
    }
    foreach ($rule in $ConnectionSecurityRules) {
        Set-ConnectionSecurityRule -Wanted $rule
    }
    # The rules stand in the order in which they lock nobody out.
    foreach ($rule in $FirewallRules) {
        Set-FirewallRule -Wanted $rule
    }
    foreach ($settings in $FirewallProfiles) {
        Set-NetFirewallProfile @settings -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference
    }
    Remove-Unwanted
    if ($ThisComputer) {
        Restore-BuiltInRule -Except $DisabledRules
        foreach ($name in $DisabledRules) {
            Disable-BuiltInRule -Name $name
        }
    }
    elseif ($DisabledRules.Count -gt 0) {
        Write-Host 'built-in rules are rules of each computer: a Group Policy object does not turn them off; the block rules beat them'
    }
}

function Test-Everything {
    foreach ($set in $AuthenticationSets) {
        if ($null -eq (Get-AuthenticationSet -Wanted $set)) {
            Write-Drift -Text "authentication set $($set['Name']) is missing"
        }
    }
    foreach ($wanted in $ConnectionSecurityRules) {
        Test-ConnectionSecurityRule -Wanted $wanted
    }
    foreach ($wanted in $FirewallRules) {
        Test-FirewallRule -Wanted $wanted
    }
    foreach ($rule in Get-UnwantedFirewallRule) {
        Write-Drift -Text "rule $($rule.Name) of the group $Group is not wanted any more"
    }
    foreach ($rule in Get-UnwantedConnectionSecurityRule) {
        Write-Drift -Text "connection security rule $($rule.InstanceID) of the group $Group is not wanted any more"
    }
    Test-Profile
    if ($ThisComputer) {
        foreach ($name in $DisabledRules) {
            $rule = Get-FirewallRule -Name $name -Store 'ActiveStore'
            if ($null -ne $rule -and "$($rule.Enabled)" -eq 'True') {
                Write-Drift -Text "built-in rule $name is enabled again"
            }
        }
        Show-OtherRule
    }
}

function Remove-Everything {
    # Blocks first: nobody is locked out on the way back.
    $own = @(Get-NetFirewallRule -Group (Get-Literal -Text $Group) -PolicyStore $PolicyStore -ErrorAction SilentlyContinue)
    foreach ($rule in ($own | Sort-Object -Property { "$($_.Action)" -ne 'Block' })) {
        Remove-NetFirewallRule -Name $rule.Name -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference
        Write-Done -Text "removed: rule $($rule.Name)"
    }
    # All of the group, whichever output has written them; sets after the rules that use them.
    foreach ($rule in Get-OwnConnectionSecurityRule) {
        Remove-NetIPsecRule -IPsecRuleName $rule.InstanceID -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference
        Write-Done -Text "removed: connection security rule $($rule.InstanceID)"
    }
    Remove-AuthenticationSet -Except @()
    Restore-Profile
    if ($ThisComputer) {
        Restore-BuiltInRule -Except @()
        if (Test-Path -LiteralPath $StateFile) {
            Remove-Item -LiteralPath $StateFile -WhatIf:$WhatIfPreference
        }
    }
}

# --- Firewall rules ---------------------------------------------------------------------------------------------------

function Set-FirewallRule {
    param (
        [hashtable]
        $Wanted
    )

    $name = $Wanted['Name']
    $rule = Get-FirewallRule -Name $name -Store $PolicyStore
    if ($null -eq $rule) {
        New-NetFirewallRule @Wanted -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference | Out-Null
        Write-Done -Text "written: rule $name"
        return
    }
    $different = @(Get-FirewallRuleDifference -Wanted $Wanted -Rule $rule)
    if ($different.Count -eq 0) {
        Write-Host "unchanged: rule $name"
        return
    }
    # Set takes the group as a key to look up, and leaves what it is not given.
    $fields = $Wanted.Clone()
    $fields['NewDisplayName'] = $fields['DisplayName']
    $fields.Remove('DisplayName')
    $fields.Remove('Group')
    Set-NetFirewallRule @fields -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference
    if (-not $WhatIfPreference) {
        $rule = Get-FirewallRule -Name $name -Store $PolicyStore
        if (@(Get-FirewallRuleDifference -Wanted $Wanted -Rule $rule).Count -gt 0) {
            Remove-NetFirewallRule -Name $name -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference
            New-NetFirewallRule @Wanted -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference | Out-Null
        }
    }
    Write-Done -Text "changed: rule $name ($($different -join ', '))"
}

function Test-FirewallRule {
    param (
        [hashtable]
        $Wanted
    )

    $name = $Wanted['Name']
    $rule = Get-FirewallRule -Name $name -Store $PolicyStore
    if ($null -eq $rule) {
        Write-Drift -Text "rule $name is missing"
        return
    }
    $different = @(Get-FirewallRuleDifference -Wanted $Wanted -Rule $rule)
    if ($different.Count -gt 0) {
        Write-Drift -Text "rule $name differs in $($different -join ', ')"
    }
}

function Get-FirewallRule {
    param (
        [string]
        $Name,

        [string]
        $Store
    )

    return Get-NetFirewallRule -Name $Name -PolicyStore $Store -ErrorAction SilentlyContinue | Select-Object -First 1
}

function Get-FirewallRuleDifference {
    param (
        [hashtable]
        $Wanted,

        $Rule
    )

    $address = Get-NetFirewallAddressFilter -AssociatedNetFirewallRule $Rule
    $port = Get-NetFirewallPortFilter -AssociatedNetFirewallRule $Rule
    $application = Get-NetFirewallApplicationFilter -AssociatedNetFirewallRule $Rule
    $service = Get-NetFirewallServiceFilter -AssociatedNetFirewallRule $Rule
    $interface = Get-NetFirewallInterfaceTypeFilter -AssociatedNetFirewallRule $Rule
    $security = Get-NetFirewallSecurityFilter -AssociatedNetFirewallRule $Rule
    $actual = @{
        DisplayName         = $Rule.DisplayName
        Description         = $Rule.Description
        Group               = $Rule.Group
        Enabled             = $Rule.Enabled
        Direction           = $Rule.Direction
        Action              = $Rule.Action
        Profile             = "$($Rule.Profile)".Split(',')
        EdgeTraversalPolicy = $Rule.EdgeTraversalPolicy
        Program             = $application.Program
        Service             = $service.Service
        InterfaceType       = $interface.InterfaceType
        Protocol            = $port.Protocol
        LocalPort           = $port.LocalPort
        RemotePort          = $port.RemotePort
        IcmpType            = $port.IcmpType
        LocalAddress        = $address.LocalAddress
        RemoteAddress       = $address.RemoteAddress
        Authentication      = $security.Authentication
        Encryption          = $security.Encryption
        OverrideBlockRules  = $security.OverrideBlockRules
        LocalUser           = $security.LocalUser
        RemoteUser          = $security.RemoteUser
        RemoteMachine       = $security.RemoteMachine
    }
    $expected = @{
        EdgeTraversalPolicy = 'Block'
        LocalPort           = 'Any'
        RemotePort          = 'Any'
        IcmpType            = 'Any'
        Authentication      = 'NotRequired'
        Encryption          = 'NotRequired'
        OverrideBlockRules  = $false
        LocalUser           = 'Any'
        RemoteUser          = 'Any'
        RemoteMachine       = 'Any'
    }
    foreach ($field in $Wanted.Keys) {
        if ($field -ne 'Name') {
            $expected[$field] = $Wanted[$field]
        }
    }
    return Compare-Field -Expected $expected -Actual $actual
}

function Get-UnwantedFirewallRule {
    $names = @($FirewallRules | ForEach-Object -Process { $_['Name'] })
    $own = @(Get-NetFirewallRule -Group (Get-Literal -Text $Group) -PolicyStore $PolicyStore -ErrorAction SilentlyContinue)
    return $own | Where-Object -FilterScript { $names -notcontains $_.Name }
}

function Remove-Unwanted {
    foreach ($rule in (Get-UnwantedFirewallRule | Sort-Object -Property { "$($_.Action)" -ne 'Block' })) {
        Remove-NetFirewallRule -Name $rule.Name -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference
        Write-Done -Text "removed: rule $($rule.Name)"
    }
    foreach ($rule in Get-UnwantedConnectionSecurityRule) {
        Remove-NetIPsecRule -IPsecRuleName $rule.InstanceID -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference
        Write-Done -Text "removed: connection security rule $($rule.InstanceID)"
    }
    Remove-AuthenticationSet -Except @($AuthenticationSets | ForEach-Object -Process { $_['Name'] })
}

function Show-OtherRule {
    # Block beats allow, so these do not open what is blocked above; they say who else reckons with port 445.
    $ports = Get-NetFirewallPortFilter -PolicyStore 'ActiveStore' | Where-Object -FilterScript { $_.LocalPort -contains '445' }
    foreach ($port in $ports) {
        $rule = Get-NetFirewallRule -AssociatedNetFirewallPortFilter $port
        if ("$($rule.Enabled)" -eq 'True' -and "$($rule.Action)" -eq 'Allow' -and "$($rule.Group)" -ne $Group) {
            Write-Host "note: rule $($rule.Name) ($($rule.DisplayName)) allows port 445, $($rule.Direction), $($rule.Profile)"
        }
    }
}

# --- Connection security ----------------------------------------------------------------------------------------------

function Set-ConnectionSecurityRule {
    param (
        [hashtable]
        $Wanted
    )

    $name = $Wanted['IPsecRuleName']
    $rule = Get-ConnectionSecurityRule -Name $name
    if ($null -eq $rule) {
        New-NetIPsecRule @Wanted -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference | Out-Null
        Write-Done -Text "written: connection security rule $name"
        return
    }
    $different = @(Get-ConnectionSecurityRuleDifference -Wanted $Wanted -Rule $rule)
    if ($different.Count -eq 0) {
        Write-Host "unchanged: connection security rule $name"
        return
    }
    $fields = $Wanted.Clone()
    $fields['NewDisplayName'] = $fields['DisplayName']
    $fields.Remove('DisplayName')
    $fields.Remove('Group')
    Set-NetIPsecRule @fields -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference
    Write-Done -Text "changed: connection security rule $name ($($different -join ', '))"
}

function Test-ConnectionSecurityRule {
    param (
        [hashtable]
        $Wanted
    )

    $name = $Wanted['IPsecRuleName']
    $rule = Get-ConnectionSecurityRule -Name $name
    if ($null -eq $rule) {
        Write-Drift -Text "connection security rule $name is missing"
        return
    }
    $different = @(Get-ConnectionSecurityRuleDifference -Wanted $Wanted -Rule $rule)
    if ($different.Count -gt 0) {
        Write-Drift -Text "connection security rule $name differs in $($different -join ', ')"
    }
}

function Get-ConnectionSecurityRule {
    param (
        [string]
        $Name
    )

    return Get-NetIPsecRule -IPsecRuleName $Name -PolicyStore $PolicyStore -ErrorAction SilentlyContinue | Select-Object -First 1
}

function Get-OwnConnectionSecurityRule {
    return Get-NetIPsecRule -Group (Get-Literal -Text $Group) -PolicyStore $PolicyStore -ErrorAction SilentlyContinue
}

function Get-UnwantedConnectionSecurityRule {
    $names = @($ConnectionSecurityRules | ForEach-Object -Process { $_['IPsecRuleName'] })
    return Get-OwnConnectionSecurityRule | Where-Object -FilterScript { $names -notcontains $_.InstanceID }
}

function Get-ConnectionSecurityRuleDifference {
    param (
        [hashtable]
        $Wanted,

        $Rule
    )

    $address = Get-NetFirewallAddressFilter -AssociatedNetIPsecRule $Rule
    $port = Get-NetFirewallPortFilter -AssociatedNetIPsecRule $Rule
    $actual = @{
        DisplayName        = $Rule.DisplayName
        Description        = $Rule.Description
        Group              = $Rule.Group
        Enabled            = $Rule.Enabled
        Profile            = "$($Rule.Profile)".Split(',')
        InboundSecurity    = $Rule.InboundSecurity
        OutboundSecurity   = $Rule.OutboundSecurity
        Phase1AuthSet      = $Rule.Phase1AuthSet
        Phase2AuthSet      = $Rule.Phase2AuthSet
        QuickModeCryptoSet = $Rule.QuickModeCryptoSet
        Protocol           = $port.Protocol
        LocalPort          = $port.LocalPort
        RemotePort         = $port.RemotePort
        LocalAddress       = $address.LocalAddress
        RemoteAddress      = $address.RemoteAddress
    }
    $expected = $Wanted.Clone()
    $expected.Remove('IPsecRuleName')
    return Compare-Field -Expected $expected -Actual $actual
}

function Get-AuthenticationSet {
    param (
        [hashtable]
        $Wanted
    )

    $which = @{
        Name        = $Wanted['Name']
        PolicyStore = $PolicyStore
        ErrorAction = 'SilentlyContinue'
    }
    switch ($Wanted['Kind']) {
        'machine-kerberos' {
            return Get-NetIPsecPhase1AuthSet @which | Select-Object -First 1
        }
        'user-kerberos' {
            return Get-NetIPsecPhase2AuthSet @which | Select-Object -First 1
        }
        'no-encapsulation' {
            return Get-NetIPsecQuickModeCryptoSet @which | Select-Object -First 1
        }
    }
}

function Set-AuthenticationSet {
    param (
        [hashtable]
        $Wanted
    )

    if ($null -ne (Get-AuthenticationSet -Wanted $Wanted)) {
        Write-Host "unchanged: authentication set $($Wanted['Name'])"
        return
    }
    $set = @{
        Name        = $Wanted['Name']
        DisplayName = $Wanted['DisplayName']
        Group       = $Wanted['Group']
        PolicyStore = $PolicyStore
    }
    switch ($Wanted['Kind']) {
        'machine-kerberos' {
            $proposal = New-NetIPsecAuthProposal -Machine -Kerberos
            New-NetIPsecPhase1AuthSet @set -Proposal $proposal -WhatIf:$WhatIfPreference | Out-Null
        }
        'user-kerberos' {
            $proposal = New-NetIPsecAuthProposal -User -Kerberos
            New-NetIPsecPhase2AuthSet @set -Proposal $proposal -WhatIf:$WhatIfPreference | Out-Null
        }
        'no-encapsulation' {
            # A rule with NoEncap needs a quick mode that offers it; the second offer is for hosts without.
            $proposals = @(
                New-NetIPsecQuickModeCryptoProposal -Encapsulation None
                New-NetIPsecQuickModeCryptoProposal -Encapsulation ESP -ESPHash SHA1 -Encryption None
            )
            New-NetIPsecQuickModeCryptoSet @set -Proposal $proposals -WhatIf:$WhatIfPreference | Out-Null
        }
    }
    Write-Done -Text "written: authentication set $($Wanted['Name'])"
}

function Remove-AuthenticationSet {
    param (
        [string[]]
        $Except
    )

    $literal = Get-Literal -Text $Group
    $sets = @(Get-NetIPsecPhase1AuthSet -Group $literal -PolicyStore $PolicyStore -ErrorAction SilentlyContinue)
    foreach ($set in ($sets | Where-Object -FilterScript { $Except -notcontains $_.InstanceID })) {
        Remove-NetIPsecPhase1AuthSet -Name $set.InstanceID -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference
        Write-Done -Text "removed: authentication set $($set.InstanceID)"
    }
    $sets = @(Get-NetIPsecPhase2AuthSet -Group $literal -PolicyStore $PolicyStore -ErrorAction SilentlyContinue)
    foreach ($set in ($sets | Where-Object -FilterScript { $Except -notcontains $_.InstanceID })) {
        Remove-NetIPsecPhase2AuthSet -Name $set.InstanceID -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference
        Write-Done -Text "removed: authentication set $($set.InstanceID)"
    }
    $sets = @(Get-NetIPsecQuickModeCryptoSet -Group $literal -PolicyStore $PolicyStore -ErrorAction SilentlyContinue)
    foreach ($set in ($sets | Where-Object -FilterScript { $Except -notcontains $_.InstanceID })) {
        Remove-NetIPsecQuickModeCryptoSet -Name $set.InstanceID -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference
        Write-Done -Text "removed: authentication set $($set.InstanceID)"
    }
}

# --- What Windows brings along ----------------------------------------------------------------------------------------

function Disable-BuiltInRule {
    param (
        [string]
        $Name
    )

    # Not every Windows has every one of them.
    $rule = Get-FirewallRule -Name $Name -Store 'PersistentStore'
    if ($null -eq $rule -or "$($rule.Enabled)" -eq 'False') {
        return
    }
    Set-NetFirewallRule -Name $Name -PolicyStore 'PersistentStore' -Enabled 'False' -WhatIf:$WhatIfPreference
    Write-Done -Text "disabled: built-in rule $Name"
}

function Restore-BuiltInRule {
    param (
        [string[]]
        $Except
    )

    $state = Read-State
    foreach ($name in $BuiltInRules) {
        if ($Except -contains $name -or -not $state.ContainsKey($name)) {
            continue
        }
        $before = "$($state[$name])"
        if ($before -ne 'True' -and $before -ne 'False') {
            continue
        }
        # Somebody may have deleted it since.
        if ($null -eq (Get-FirewallRule -Name $name -Store 'PersistentStore')) {
            continue
        }
        Set-NetFirewallRule -Name $name -PolicyStore 'PersistentStore' -Enabled $before -WhatIf:$WhatIfPreference
        Write-Done -Text "as before: built-in rule $name, enabled $before"
    }
}

function Test-Profile {
    # Where the firewall of a profile is off, nothing is blocked.
    $inForce = @()
    if ($ThisComputer) {
        $inForce = @(Get-NetFirewallProfile -PolicyStore 'ActiveStore')
    }
    foreach ($settings in $inForce) {
        if ("$($settings.Enabled)" -ne 'True') {
            Write-Drift -Text "the firewall is off in the profile $($settings.Name), so that nothing is blocked there"
        }
        if ($PolicyStore -eq 'PersistentStore' -and "$($settings.AllowLocalFirewallRules)" -eq 'False') {
            Write-Drift -Text "Group Policy lets no rule of this computer count in the profile $($settings.Name): write these rules to a Group Policy object"
        }
    }
    foreach ($wanted in $FirewallProfiles) {
        $settings = Get-NetFirewallProfile -Name $wanted['Name'] -PolicyStore $PolicyStore
        foreach ($field in $wanted.Keys) {
            if ("$($settings.$field)" -ne "$($wanted[$field])") {
                Write-Drift -Text "profile $($wanted['Name']): $field is $($settings.$field), should be $($wanted[$field])"
            }
        }
    }
}

function Restore-Profile {
    $state = Read-State
    foreach ($wanted in $FirewallProfiles) {
        $before = @{}
        foreach ($field in $wanted.Keys) {
            $key = "profile $($wanted['Name']) $field"
            if ($field -ne 'Name' -and -not $ThisComputer) {
                $before[$field] = 'NotConfigured'
            }
            elseif ($field -ne 'Name' -and $state.ContainsKey($key)) {
                $before[$field] = $state[$key]
            }
        }
        if ($before.Count -gt 0) {
            Set-NetFirewallProfile -Name $wanted['Name'] @before -PolicyStore $PolicyStore -WhatIf:$WhatIfPreference
            Write-Done -Text "as before: profile $($wanted['Name'])"
        }
    }
}

# --- The state before the first run -----------------------------------------------------------------------------------

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

function Save-State {
    if (-not $ThisComputer) {
        return
    }
    $state = Read-State
    $known = $state.Count
    foreach ($name in $DisabledRules) {
        $rule = Get-FirewallRule -Name $name -Store 'PersistentStore'
        if ($null -ne $rule -and -not $state.ContainsKey($name)) {
            $state[$name] = "$($rule.Enabled)"
        }
    }
    foreach ($wanted in $FirewallProfiles) {
        $settings = Get-NetFirewallProfile -Name $wanted['Name'] -PolicyStore $PolicyStore
        foreach ($field in $wanted.Keys) {
            $key = "profile $($wanted['Name']) $field"
            if ($field -ne 'Name' -and -not $state.ContainsKey($key)) {
                $state[$key] = "$($settings.$field)"
            }
        }
    }
    if ($state.Count -gt $known) {
        New-Item -ItemType Directory -Path $StateFolder -Force -WhatIf:$WhatIfPreference | Out-Null
        $text = ConvertTo-Json -InputObject $state
        Set-Content -LiteralPath $StateFile -Value $text -Encoding UTF8 -WhatIf:$WhatIfPreference
    }
}

# --- Guards -----------------------------------------------------------------------------------------------------------

function Get-Refusal {
    # Why this computer must not get these rules; nothing where it may.
    if (-not $ThisComputer) {
        return $null
    }
    if ($Guards -contains 'no-domain-controller' -and (Get-CimInstance -ClassName Win32_OperatingSystem).ProductType -eq 2) {
        return 'this is a domain controller: it must never block SMB as a whole; give it a role for domain controllers'
    }
    if ($Guards -contains 'no-domain-member' -and (Get-CimInstance -ClassName Win32_ComputerSystem).PartOfDomain) {
        return 'this computer is a member of a domain: without SMB to a domain controller Group Policy would stop; give it a role for members'
    }
    if ($Guards -contains 'no-shares') {
        $shares = @(Get-ShareName)
        if ($shares.Count -gt 0) {
            return "this computer shares $($shares -join ', '): it must never block SMB as a whole; give it a role for file servers, or end the shares"
        }
    }
    if ($Guards -contains 'domain-controller-listed') {
        return Get-UnlistedController
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

function Get-UnlistedController {
    if (-not (Get-CimInstance -ClassName Win32_ComputerSystem).PartOfDomain) {
        return $null
    }
    try {
        Add-Type -AssemblyName 'System.DirectoryServices'
        $domain = [System.DirectoryServices.ActiveDirectory.Domain]::GetComputerDomain()
        $controller = $domain.FindDomainController().Name
        $addresses = @([System.Net.Dns]::GetHostAddresses($controller))
    }
    catch {
        Write-Warning -Message 'no domain controller answers, so that nobody can say whether the rules let this computer reach it'
        return $null
    }
    $listed = @($FirewallRules | Where-Object -FilterScript { $_.ContainsKey('OverrideBlockRules') } | ForEach-Object -Process { $_['RemoteAddress'] })
    $ranges = @($listed | ForEach-Object -Process { Get-AddressRange -Text $_ })
    foreach ($address in $addresses) {
        $one = [System.BitConverter]::ToString($address.GetAddressBytes())
        foreach ($range in $ranges) {
            $ends = $range.Split('>')
            $fits = $ends.Count -eq 2 -and $ends[0].Length -eq $one.Length
            if ($fits -and [string]::CompareOrdinal($ends[0], $one) -le 0 -and [string]::CompareOrdinal($one, $ends[1]) -le 0) {
                return $null
            }
        }
    }
    return "the domain controller $controller ($($addresses -join ', ')) is not among the addresses that stay reachable: Group Policy would stop; add it to the policy"
}

# --- Comparing --------------------------------------------------------------------------------------------------------

function Compare-Field {
    # The names of the fields that differ. Order, case and the way an address is written make no difference.
    param (
        [hashtable]
        $Expected,

        [hashtable]
        $Actual
    )

    foreach ($field in ($Expected.Keys | Sort-Object)) {
        $isAddress = $field -eq 'LocalAddress' -or $field -eq 'RemoteAddress'
        $should = Get-ComparableText -Value $Expected[$field] -IsAddress $isAddress
        $is = Get-ComparableText -Value $Actual[$field] -IsAddress $isAddress
        if ($should -ne $is) {
            $field
        }
    }
}

function Get-ComparableText {
    param (
        $Value,

        [bool]
        $IsAddress
    )

    $texts = @($Value | ForEach-Object -Process { "$_".Trim() } | Where-Object -FilterScript { $_ -ne '' })
    if ($texts.Count -eq 0) {
        return 'Any'
    }
    if ($IsAddress) {
        $texts = @($texts | ForEach-Object -Process { Get-AddressRange -Text $_ })
    }
    return ($texts | Sort-Object -Unique) -join ' '
}

function Get-AddressRange {
    # Windows gives back 10.0.0.0/8 as 10.0.0.0/255.0.0.0. First and last address in hexadecimal; keywords stay.
    param (
        [string]
        $Text
    )

    $ends = @($Text, $Text)
    $mask = ''
    if ($Text.Contains('-')) {
        $ends = $Text.Split('-')
    }
    elseif ($Text.Contains('/')) {
        $parts = $Text.Split('/')
        $ends = @($parts[0], $parts[0])
        $mask = $parts[1]
    }
    $first = $null
    $last = $null
    if (-not ([System.Net.IPAddress]::TryParse($ends[0], [ref] $first) -and [System.Net.IPAddress]::TryParse($ends[1], [ref] $last))) {
        return $Text
    }
    $low = $first.GetAddressBytes()
    $high = $last.GetAddressBytes()
    if ($mask -ne '') {
        $ones = Get-MaskByte -Text $mask -Length $low.Length
        for ($i = 0; $i -lt $low.Length; $i += 1) {
            $low[$i] = $low[$i] -band $ones[$i]
            $high[$i] = $high[$i] -bor (255 - $ones[$i])
        }
    }
    return [System.BitConverter]::ToString($low) + '>' + [System.BitConverter]::ToString($high)
}

function Get-MaskByte {
    param (
        [string]
        $Text,

        [int]
        $Length
    )

    $mask = $null
    if (($Text.Contains('.') -or $Text.Contains(':')) -and [System.Net.IPAddress]::TryParse($Text, [ref] $mask)) {
        return $mask.GetAddressBytes()
    }
    for ($i = 0; $i -lt $Length; $i += 1) {
        $ones = [System.Math]::Max(0, [System.Math]::Min(8, [int] $Text - 8 * $i))
        256 - [int] [System.Math]::Pow(2, 8 - $ones)
    }
}

function Get-Literal {
    # A text in which no character is a wildcard.
    param (
        [string]
        $Text
    )

    return [System.Management.Automation.WildcardPattern]::Escape($Text)
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
