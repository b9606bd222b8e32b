import { expect } from "chai";
import {
  anyAddress,
  anyIpv4,
  anyIpv6,
  complementAddresses,
  equalAddresses,
  intersectAddresses,
  isAnyAddress,
  isNoAddress,
  noAddress,
  subtractAddresses,
  unionAddresses,
} from "../../src/net/index.js";

describe("a set of addresses of both families", () => {
  it("is any address only when it has all of both", () => {
    expect(isAnyAddress(unionAddresses(anyIpv4, anyIpv6))).to.equal(true);
    expect(isAnyAddress(anyIpv4)).to.equal(false);
    expect(isAnyAddress(anyIpv6)).to.equal(false);
    expect(isAnyAddress(noAddress)).to.equal(false);
  });

  it("that is empty is no address, never any", () => {
    expect(isNoAddress(noAddress)).to.equal(true);
    expect(isNoAddress(anyIpv6)).to.equal(false);
    expect(isNoAddress(unionAddresses())).to.equal(true);
  });

  it("keeps the families apart", () => {
    expect(complementAddresses(anyIpv4)).to.deep.equal(anyIpv6);
    expect(subtractAddresses(anyAddress, anyIpv6)).to.deep.equal(anyIpv4);
    expect(intersectAddresses(anyIpv4, anyIpv6)).to.deep.equal(noAddress);
    expect(equalAddresses(anyIpv4, anyIpv6)).to.equal(false);
    expect(equalAddresses(anyAddress, complementAddresses(noAddress))).to.equal(true);
  });
});
