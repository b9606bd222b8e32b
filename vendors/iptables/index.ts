import type { Vendor } from "../../src/vendor-kit/index.js";
import { chainList } from "./chain-list.js";
import { ipsetList } from "./ipset-list.js";
import { detect } from "./detect.js";
import { emit } from "./emit.js";
import { manifest } from "./manifest.js";
import { parse } from "./parse.js";
import { partOf, removalOf } from "./parts.js";

const iptables: Vendor = { manifest, detect, emit, parse, addressLists: [ipsetList, chainList], partOf, removalOf };

export default iptables;
