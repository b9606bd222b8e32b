/**
 * Where each field of a packet stands in the order of the variables. Guards that most rules share come first, then the
 * addresses, destination before source; conditions come last, so that a rule that depends on one costs no more than
 * the packets it speaks of.
 *
 * An ICMP type and code stand where a destination port stands: no packet has both. An IPv4 address takes the first 32
 * levels of its field.
 */
export interface Field {
  /** The level of the most significant bit. */
  readonly first: number;
  readonly bits: number;
}

export interface Layout {
  readonly family: Field;
  readonly ingress: Field;
  readonly egress: Field;
  readonly state: Field;
  readonly protocol: Field;
  readonly destinationPort: Field;
  readonly icmpType: Field;
  readonly icmpCode: Field;
  readonly sourcePort: Field;
  readonly tcpFlags: Field;
  readonly destination: Field;
  readonly source: Field;
  readonly sourceMac: Field;
  /** The level of the first condition; the others follow. */
  readonly conditions: number;
}

export function layoutFor(interfaceBits: number): Layout {
  let next = 0;
  const field = (bits: number): Field => {
    const first = next;
    next += bits;
    return { first, bits };
  };
  const family = field(1);
  const ingress = field(interfaceBits);
  const egress = field(interfaceBits);
  const state = field(3);
  const protocol = field(8);
  const destinationPort = field(16);
  const sourcePort = field(16);
  const tcpFlags = field(8);
  const destination = field(128);
  const source = field(128);
  const sourceMac = field(48);
  return {
    family,
    ingress,
    egress,
    state,
    protocol,
    destinationPort,
    icmpType: { first: destinationPort.first, bits: 8 },
    icmpCode: { first: destinationPort.first + 8, bits: 8 },
    sourcePort,
    tcpFlags,
    destination,
    source,
    sourceMac,
    conditions: next,
  };
}
