/** How long machines and what runs on them take, at scale 1. */
export interface Latencies {
  /** From ACTIVE until a master's system API answers and its node is ready. */
  masterBootMs: number;
  /** From ACTIVE until a worker's kubelet runs. */
  workerBootMs: number;
  /** From when a worker runs and its API answers until its node is ready. */
  nodeReadyMs: number;
  /** The user's control plane, part after part: each needs the one before. 16 s in all. */
  etcdMs: number;
  apiServerMs: number;
  componentMs: number;
  /** Any pod of the user's cluster. */
  podMs: number;
}

/** Published and measured figures of public clouds. */
export const latencies: Latencies = {
  masterBootMs: 45_000,
  workerBootMs: 15_000,
  nodeReadyMs: 30_000,
  etcdMs: 5_000,
  apiServerMs: 11_000,
  componentMs: 0,
  podMs: 5_000,
};

export const scaled = (scale: number): Latencies =>
  Object.fromEntries(Object.entries(latencies).map(([name, ms]) => [name, ms / scale])) as unknown as Latencies;
