/** The release of this package, as in its package.json. A constant, because bundled programs have no package.json. */
export const RELEASE = "0.1.0";
