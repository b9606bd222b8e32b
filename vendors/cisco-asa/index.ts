import type { Vendor } from "../../src/vendor-kit/index.js";
import { groupList } from "./group-list.js";
import { emit } from "./emit.js";
import { manifest } from "./manifest.js";
import { detect, parse } from "./parse.js";
import { removalOf } from "./removal.js";

const vendor: Vendor = { manifest, detect, emit, parse, removalOf, addressLists: [groupList] };
export default vendor;
