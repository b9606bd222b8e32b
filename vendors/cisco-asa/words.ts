/**
 * Names that the ASA takes, and prints, for numbers.
 *
 * Source: Cisco ASA Series CLI configuration guide, appendix "Addresses, Protocols, and Ports".
 */

/** `ip` is no protocol of its own: it stands for all of them. */
export const protocolNumbers: ReadonlyMap<string, number> = new Map([
  ["ah", 51],
  ["eigrp", 88],
  ["esp", 50],
  ["gre", 47],
  ["icmp", 1],
  ["icmp6", 58],
  ["igmp", 2],
  ["igrp", 9],
  ["ipinip", 4],
  ["ipsec", 50],
  ["nos", 94],
  ["ospf", 89],
  ["pcp", 108],
  ["pim", 103],
  ["pptp", 47],
  ["sctp", 132],
  ["snp", 109],
  ["tcp", 6],
  ["udp", 17],
]);

export const portNames: ReadonlyMap<string, number> = new Map([
  ["aol", 5190],
  ["bgp", 179],
  ["biff", 512],
  ["bootpc", 68],
  ["bootps", 67],
  ["chargen", 19],
  ["cifs", 3020],
  ["citrix-ica", 1494],
  ["cmd", 514],
  ["ctiqbe", 2748],
  ["daytime", 13],
  ["discard", 9],
  ["dnsix", 195],
  ["domain", 53],
  ["echo", 7],
  ["exec", 512],
  ["finger", 79],
  ["ftp", 21],
  ["ftp-data", 20],
  ["gopher", 70],
  ["h323", 1720],
  ["hostname", 101],
  ["http", 80],
  ["https", 443],
  ["ident", 113],
  ["imap4", 143],
  ["irc", 194],
  ["isakmp", 500],
  ["kerberos", 750],
  ["klogin", 543],
  ["kshell", 544],
  ["ldap", 389],
  ["ldaps", 636],
  ["login", 513],
  ["lotusnotes", 1352],
  ["lpd", 515],
  ["mobile-ip", 434],
  ["nameserver", 42],
  ["netbios-dgm", 138],
  ["netbios-ns", 137],
  ["netbios-ssn", 139],
  ["nfs", 2049],
  ["nntp", 119],
  ["ntp", 123],
  ["pcanywhere-data", 5631],
  ["pcanywhere-status", 5632],
  ["pim-auto-rp", 496],
  ["pop2", 109],
  ["pop3", 110],
  ["pptp", 1723],
  ["radius", 1645],
  ["radius-acct", 1646],
  ["rip", 520],
  ["rsh", 514],
  ["rtsp", 554],
  ["secureid-udp", 5510],
  ["sip", 5060],
  ["smtp", 25],
  ["snmp", 161],
  ["snmptrap", 162],
  ["sqlnet", 1521],
  ["ssh", 22],
  ["sunrpc", 111],
  ["syslog", 514],
  ["tacacs", 49],
  ["talk", 517],
  ["telnet", 23],
  ["tftp", 69],
  ["time", 37],
  ["uucp", 540],
  ["vxlan", 4789],
  ["who", 513],
  ["whois", 43],
  ["www", 80],
  ["xdmcp", 177],
]);

export const icmpTypes: ReadonlyMap<string, number> = new Map([
  ["alternate-address", 6],
  ["conversion-error", 31],
  ["echo", 8],
  ["echo-reply", 0],
  ["information-reply", 16],
  ["information-request", 15],
  ["mask-reply", 18],
  ["mask-request", 17],
  ["mobile-redirect", 32],
  ["parameter-problem", 12],
  ["redirect", 5],
  ["router-advertisement", 9],
  ["router-solicitation", 10],
  ["source-quench", 4],
  ["time-exceeded", 11],
  ["timestamp-reply", 14],
  ["timestamp-request", 13],
  ["traceroute", 30],
  ["unreachable", 3],
]);

export const icmp6Types: ReadonlyMap<string, number> = new Map([
  ["echo", 128],
  ["echo-reply", 129],
  ["membership-query", 130],
  ["membership-reduction", 132],
  ["membership-report", 131],
  ["neighbor-advertisement", 136],
  ["neighbor-redirect", 137],
  ["neighbor-solicitation", 135],
  ["packet-too-big", 2],
  ["parameter-problem", 4],
  ["router-advertisement", 134],
  ["router-renumbering", 138],
  ["router-solicitation", 133],
  ["time-exceeded", 3],
  ["unreachable", 1],
]);

export const logLevels: readonly string[] = [
  "emergencies",
  "alerts",
  "critical",
  "errors",
  "warnings",
  "notifications",
  "informational",
  "debugging",
];

/**
 * First words of commands that cannot let a packet through an access-list or keep it from one. What they do besides
 * (inspection, shunning, reverse-path checks, quality of service) takes packets away, and never opens anything.
 */
export const harmlessCommands: ReadonlySet<string> = new Set(
  `aaa aaa-server access-rules-log activation-key arp arp-inspection as-path asdm asp auth-prompt auto-update banner bfd
  bfd-template boot bridge call-home capture cdp certificate checkheaps class class-map clock cluster command-alias
  community-list compression config-register configure console content-security copy coredump crashinfo crypto csc cts
  customization ctl-file ctl-provider ddns debug default-information default-router default-group-policy device-sensor
  dhcp dhcp-client dhcpd dhcprelay disable dns dns-group dns-group-map dns-guard domain-name
  dynamic-access-policy-record dynamic-filter dynamic-map email enable end event exit extcommunity-list failover file
  filter fips firewall fixup floodguard flow-export flow-offload fragment ftp ftp-map group-policy gtp-map h225-map h323-map
  hash help hostname hpm hsts http http-map hw-module icmp imap4s import interface-policy ip ips ipsec ipv6 isakmp
  jumbo-frame kerberos key l2tp ldap license licensing local-host logging login logout mac mac-address
  mac-address-table mac-learn management-access map mcast media-termination memory mfib mgcp-map migration
  monitor-interface more mount mroute mtu multicast-routing name-server nsf ntp nve object-group-search ospf pager passwd
  password password-policy perfmon phone-proxy pim ping policy-list policy-map policy-route pop3s port-channel
  port-object-map prefix-list priority-queue privilege process prompt quit quota redundant-interface regex reload rename
  resource rest-api rip route route-map router routing scansafe scep-enrollment security-group-tag server service
  service-interface service-module service-policy session setup show shun sip-map sla smart-tunnel smtp-server smtps
  snmp snmp-map snmp-server software-version ssh ssl sso-server static-route-bfd stats sunrpc-server switch tcp-map
  telnet terminal test tftp-server threat-detection timeout tls-proxy track traffic-forward tunnel-group
  tunnel-group-map uc-ime ucm unmonitored-interface upgrade url-block url-cache url-list url-server user-identity
  user-statistics username virtual vlan vpdn vpn vpn-addr-assign vpn-group vpn-load-balancing vpn-sessiondb vpnclient
  vpnsetup vxlan wccp webvpn who write x509 xlate zonelabs-integrity zone`
    .split(/\s+/)
    .filter((word) => word !== ""),
);
