/** This Weft's version, as in `package.json`: what it writes carries it, so that an older one can say which is needed. */
export const WEFT_VERSION = "0.2.0";
