import type { Vendor } from "../../src/vendor-kit/index.js";
import { setList } from "./set-list.js";
import { detect } from "./detect.js";
import { emit } from "./emit.js";
import { manifest } from "./manifest.js";
import { includesOf } from "./includes.js";
import { parse } from "./parse.js";
import { removalOf } from "./removal.js";

const nftables: Vendor = { manifest, detect, emit, parse, removalOf, includesOf, addressLists: [setList] };
export default nftables;
