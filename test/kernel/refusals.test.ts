import { expect } from "chai";
import iptables from "../../vendors/iptables/index.js";
import nftables from "../../vendors/nftables/index.js";
import type { Vendor } from "../../src/vendor-kit/index.js";
import type { Laboratory } from "../support/kernel.js";
import { describeKernel, openLaboratory } from "../support/kernel.js";
import { randomOf } from "../support/random-iptables.js";

const cases = 60;
const seed = Number(process.env["RW_MODEL_SEED"] ?? Date.now() % 1_000_000_000);

/** Whether we say that the text would not load. */
function isRefused(vendor: Vendor, text: string, path: string): boolean {
  return vendor.parse([{ path, text }], {}).diagnostics.some((one) => one.code === "RW6004");
}

describeKernel("what is said not to load, against the tools", ["nft", "ipset", "iptables-restore"], () => {
  let laboratory: Laboratory;
  before(() => {
    laboratory = openLaboratory();
  });
  after(() => laboratory.close());

  const pieces = [
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.1.2.3",
    "10.1.2.3/32",
    "10.0.0.9/8",
    "10.2.0.0-10.3.0.255",
    "11.0.0.0/9",
  ];

  it(`is what nft refuses of the elements of sets (seed ${seed})`, () => {
    const random = randomOf(seed);
    for (let i = 0; i < cases; i++) {
      const elements = Array.from({ length: 1 + random.number(3) }, () => random.pick(pieces)).join(", ");
      const flags = random.pick(["flags interval", "flags interval; auto-merge", "flags constant"]);
      const text = `table inet t {\n\tset s {\n\t\ttype ipv4_addr\n\t\t${flags}\n\t\telements = { ${elements} }\n\t}\n}\n`;
      const { status, stderr } = laboratory.attempt("firewall", ["nft", "-f", "-"], text);
      if (status === 0) laboratory.run("firewall", ["nft", "delete", "table", "inet", "t"]);
      expect(isRefused(nftables, text, "s.nft"), `${text}${stderr}`).to.equal(status !== 0);
    }
  });

  it(`is what ipset refuses of elements that come again (seed ${seed})`, () => {
    const random = randomOf(seed + 1);
    const nets = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "10.1.2.3/32", "10.0.0.9/8", "0.0.0.0/0"];
    for (let i = 0; i < cases; i++) {
      const elements = Array.from({ length: 1 + random.number(3) }, () => random.pick(nets));
      const text = ["create a hash:net family inet", ...elements.map((one) => `add a ${one}`), ""].join("\n");
      const { status, stderr } = laboratory.attempt("firewall", ["ipset", "restore"], text);
      laboratory.run("firewall", ["ipset", "destroy"]);
      expect(isRefused(iptables, text, "a.ipset"), `${text}${stderr}`).to.equal(status !== 0);
    }
  });

  it("is what iptables-restore refuses of rules", () => {
    const rules: readonly string[] = [
      "-A FORWARD -p tcp -m tcp --dport 445 -j DROP",
      "-A FORWARD --dport 445 -j DROP",
      "-A INPUT -o eth0 -j DROP",
      "-A INPUT -i eth0 -j DROP",
      "-A OUTPUT -i eth0 -j DROP",
      "-A FORWARD -i eth0 -o eth1 -j DROP",
      "-A EDGE -j DROP",
      "-A FORWARD -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 -j DROP",
      "-A FORWARD -p tcp -m multiport --dports 1:2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 -j DROP",
      "-A FORWARD -m multiport --dports 139,445 -j DROP",
      "-A FORWARD -j DNAT --to-destination 10.0.0.1",
      "-A FORWARD ! -s 10.0.0.1,10.0.0.2 -j DROP",
      "-A FORWARD -s 10.0.0.1,10.0.0.2 -j DROP",
      "-A FORWARD -j DROP # why",
      "-A FORWARD -j REJECT --reject-with icmp-port-unreachable",
    ];
    for (const rule of rules) {
      const text = `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rule}\nCOMMIT\n`;
      const { status, stderr } = laboratory.attempt("firewall", ["iptables-restore"], text);
      expect(isRefused(iptables, text, "rules.v4"), `${rule}: ${stderr}`).to.equal(status !== 0);
    }
  });
});
