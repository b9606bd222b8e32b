import type { Vendor } from "../../src/vendor-kit/index.js";
import { rangeList } from "./address-list.js";
import { emit } from "./emit.js";
import { manifest } from "./manifest.js";
import { detect, parse } from "./parse.js";
import { partOf, removalOf } from "./parts.js";

const vendor: Vendor = { manifest, detect, emit, parse, addressLists: [rangeList], partOf, removalOf };
export default vendor;
