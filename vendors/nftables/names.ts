/**
 * The words that nft takes for numbers. Port names are those that distributions commonly have in /etc/services: what a
 * firewall's own file says may differ, so a name that is not here stays undecided.
 *
 * Sources: nft(8); nftables src/proto.c, src/datatype.c; IANA service name registry; Debian netbase etc-services.
 */
export const portNames: ReadonlyMap<string, number> = table(`
tcpmux 1, echo 7, discard 9, systat 11, daytime 13, netstat 15, qotd 17, chargen 19, ftp-data 20, ftp 21, fsp 21, ssh 22,
telnet 23, smtp 25, mail 25, time 37, whois 43, nicname 43, tacacs 49, domain 53, bootps 67, bootpc 68, tftp 69, gopher 70,
finger 79, http 80, www 80, www-http 80, kerberos 88, kerberos5 88, krb5 88, iso-tsap 102, acr-nema 104, rtelnet 107,
pop2 109, pop3 110, pop-3 110, sunrpc 111, portmapper 111, auth 113, ident 113, nntp 119, ntp 123, epmap 135, loc-srv 135,
netbios-ns 137, netbios-dgm 138, netbios-ssn 139, imap 143, imap2 143, snmp 161, snmp-trap 162, snmptrap 162, cmip-man 163,
cmip-agent 164, mailq 174, xdmcp 177, bgp 179, smux 199, qmtp 209, z3950 210, ipx 213, ptp-event 319, ptp-general 320,
pawserv 345, zserv 346, rpc2portmap 369, codaauth2 370, clearcase 371, ldap 389, svrloc 427, https 443, snpp 444,
microsoft-ds 445, kpasswd 464, urd 465, smtps 465, submissions 465, saft 487, isakmp 500, rtsp 554, nqs 607, asf-rmcp 623,
qmqp 628, ipp 631, ldaps 636, tinc 655, silc 706, kerberos-adm 749, rsync 873, domain-s 853, ftps-data 989, ftps 990,
telnets 992, imaps 993, pop3s 995, socks 1080, proofd 1093, rootd 1094, openvpn 1194, rmiregistry 1099, lotusnote 1352,
ms-sql-s 1433, ms-sql-m 1434, ingreslock 1524, datametrics 1645, sa-msg-port 1646, kermit 1649, groupwise 1677, l2f 1701,
l2tp 1701, radius 1812, radius-acct 1813, cisco-sccp 2000, nfs 2049, gnunet 2086, rtcm-sc104 2101, gsigatekeeper 2119,
gris 2135, cvspserver 2401, venus 2430, venus-se 2431, codasrv 2432, codasrv-se 2433, mon 2583, dict 2628, f5-globalsite 2792,
gsiftp 2811, gpsd 2947, gds-db 3050, icpv2 3130, isns 3205, iscsi-target 3260, mysql 3306, ms-wbt-server 3389, nut 3493,
distcc 3632, daap 3689, svn 3690, suucp 4031, sysrqd 4094, sieve 4190, epmd 4369, remctl 4373, f5-iquery 4353, ntske 4460,
ipsec-nat-t 4500, iax 4569, mtn 4691, radmin-port 4899, sip 5060, sip-tls 5061, xmpp-client 5222, xmpp-server 5269,
cfengine 5308, mdns 5353, nat-pmp 5351, postgresql 5432, freeciv 5556, amqps 5671, amqp 5672, x11 6000, x11-1 6001,
x11-2 6002, x11-3 6003, x11-4 6004, x11-5 6005, x11-6 6006, x11-7 6007, gnutella-svc 6346, gnutella-rtr 6347, redis 6379,
sge-qmaster 6444, sge-execd 6445, mysql-proxy 6446, babel 6696, ircs-u 6697, bbs 7000, afs3-fileserver 7000,
afs3-callback 7001, afs3-prserver 7002, afs3-vlserver 7003, afs3-kaserver 7004, afs3-volser 7005, afs3-bos 7007,
afs3-update 7008, afs3-rmtsys 7009, font-service 7100, http-alt 8080, webcache 8080, puppet 8140, bacula-dir 9101,
bacula-fd 9102, bacula-sd 9103, xmms2 9667, nbd 10809, zabbix-agent 10050, zabbix-trapper 10051, amanda 10080,
hkp 11371, db-lsp 17500, dcap 22125, gsidcap 22128, wnn6 22273, exec 512, biff 512, login 513, who 513,
shell 514, syslog 514, printer 515, talk 517, ntalk 518, route 520, gdomap 538, uucp 540, klogin 543, kshell 544,
dhcpv6-client 546, dhcpv6-server 547, afpovertcp 548, nntps 563, submission 587, llmnr 5355, wsdapi 5357,
upnp 1900, ssdp 1900, vnc-server 5900, winrm 5985, pptp 1723, git 9418, sane-port 6566,
mqtt 1883, secure-mqtt 8883, coap 5683, etcd-client 2379, etcd-server 2380, syslog-tls 6514, snmptls 10161,
kerberos-sec 88, tsap 102, poppassd 106, authentication 113, ssmtp 465, comsat 512, whod 513, cmd 514, spooler 515,
router 520, routed 520, ldp 646, kdc 750, spamd 783, lotusnotes 1352, old-radius 1645, old-radacct 1646, radacct 1813, zebra 2601,
bgpd 2605, icp 3130, subversion 3690, munin 4949, jabber-client 5222, jabber-server 5269, postgres 5432, nrpe 5666, nsca 5667,
x11-0 6000, sane 6566, saned 6566, ircd 6667, xfs 7100, webmin 10000, kamanda 10081, amandaidx 10082, amidxtape 10083,
squid 3128, ndl-aas 3128, irc 194, ircs 994, ipp 631, pcsync-https 8443
`);

/** Source: IANA protocol numbers; nft's own words are tcp, udp, udplite, icmp, icmpv6, igmp, esp, ah, comp, dccp, sctp. */
export const protocolNames: ReadonlyMap<string, number> = table(`
ip 0, hopopt 0, icmp 1, igmp 2, ggp 3, ipencap 4, ipv4 4, st 5, tcp 6, egp 8, igp 9, pup 12, udp 17, hmp 20, xns-idp 22,
rdp 27, iso-tp4 29, dccp 33, xtp 36, ddp 37, idpr-cmtp 38, ipv6 41, ipv6-route 43, ipv6-frag 44, idrp 45, rsvp 46, gre 47,
esp 50, ipsec-esp 50, ah 51, ipsec-ah 51, skip 57, ipv6-icmp 58, icmpv6 58, icmp6 58, ipv6-nonxt 59, ipv6-opts 60, rspf 73,
vmtp 81, eigrp 88, ospf 89, ospfigp 89, ax.25 93, ipip 94, etherip 97, encap 98, pim 103, comp 108, ipcomp 108, vrrp 112, l2tp 115,
isis 124, sctp 132, fc 133, mobility-header 135, mh 135, udplite 136, mpls-in-ip 137, manet 138, hip 139, shim6 140, wesp 141, rohc 142,
ethernet 143
`);

export const icmpTypes: ReadonlyMap<string, number> = table(`
echo-reply 0, destination-unreachable 3, source-quench 4, redirect 5, echo-request 8, router-advertisement 9,
router-solicitation 10, time-exceeded 11, parameter-problem 12, timestamp-request 13, timestamp-reply 14, info-request 15,
info-reply 16, address-mask-request 17, address-mask-reply 18
`);

export const icmpCodes: ReadonlyMap<string, number> = table(`
net-unreachable 0, host-unreachable 1, prot-unreachable 2, port-unreachable 3, frag-needed 4, net-prohibited 9,
host-prohibited 10, admin-prohibited 13
`);

export const icmpv6Types: ReadonlyMap<string, number> = table(`
destination-unreachable 1, packet-too-big 2, time-exceeded 3, parameter-problem 4, echo-request 128, echo-reply 129,
mld-listener-query 130, mld-listener-report 131, mld-listener-done 132, mld-listener-reduction 132,
nd-router-solicit 133, nd-router-advert 134, nd-neighbor-solicit 135, nd-neighbor-advert 136, nd-redirect 137,
router-renumbering 138, ind-neighbor-solicit 141, ind-neighbor-advert 142, mld2-listener-report 143
`);

export const icmpv6Codes: ReadonlyMap<string, number> = table(`
no-route 0, admin-prohibited 1, addr-unreachable 3, port-unreachable 4, policy-fail 5, reject-route 6
`);

export const tcpFlagNames: ReadonlyMap<string, number> = table(`
fin 1, syn 2, rst 4, psh 8, ack 16, urg 32, ecn 64, ece 64, cwr 128
`);

/** Source: nftables src/ct.c; the bits of enum ip_conntrack_info as a match sees them. */
export const stateBits: ReadonlyMap<string, number> = table(`
invalid 1, established 2, related 4, new 8, untracked 64
`);

function table(text: string): ReadonlyMap<string, number> {
  const entries = text.split(",").map((entry) => entry.trim().split(/\s+/) as [string, string]);
  return new Map(entries.map(([name, number]) => [name, Number(number)]));
}
