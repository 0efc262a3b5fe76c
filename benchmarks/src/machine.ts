import { cpus, release, type as systemType, totalmem } from "node:os";

/** The machine that the benchmark ran on. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
  node: string;
}

/** Describes this machine. */
export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${systemType()} ${release()}`,
    node: process.version,
  };
}

/** Describes a machine in one line. */
export function machineLine({ cpu, cores, memoryGb, system, node }: Machine): string {
  return `${cores} × ${cpu}, ${memoryGb} GB, ${system}, Node ${node}`;
}
