/** How long things take on a real cloud, at scale 1. */

/** Milliseconds from the answer of the call that begins it until the thing is ready. */
export interface Latencies {
  loadBalancerMs: number;
  loadBalancerUpdateMs: number;
  loadBalancerDeleteMs: number;
  listenerMs: number;
  poolMs: number;
  memberMs: number;
  healthMonitorMs: number;
  serverMs: number;
  /** Between the create's answer and the binding of its ports: two creates with one port meet in here. */
  serverNetworksMs: number;
  serverDeleteMs: number;
  serverPowerMs: number;
  volumeMs: number;
  volumeFromImageMs: number;
  volumeDeleteMs: number;
  volumeAttachMs: number;
}

/** Published and measured figures of public OpenStack clouds. */
export const LATENCIES: Latencies = {
  loadBalancerMs: 63_000,
  loadBalancerUpdateMs: 3_000,
  loadBalancerDeleteMs: 5_000,
  listenerMs: 4_000,
  poolMs: 3_000,
  memberMs: 3_000,
  healthMonitorMs: 3_000,
  serverMs: 20_000,
  serverNetworksMs: 1_000,
  serverDeleteMs: 4_000,
  serverPowerMs: 3_000,
  volumeMs: 2_000,
  volumeFromImageMs: 8_000,
  volumeDeleteMs: 2_000,
  volumeAttachMs: 2_000,
};

/** Milliseconds an answer takes, by service, verb and last word of the path; measured on an idle real OpenStack. */
const ANSWERS_MS: Record<string, number> = {
  'keystone POST tokens': 17,
  'neutron POST ports': 240,
  'neutron POST networks': 90,
  'neutron GET ports': 80,
  'nova POST servers': 700,
  'nova GET detail': 150,
  'nova DELETE {id}': 60,
  'cinder POST volumes': 110,
  'octavia POST loadbalancers': 600,
};
const BY_VERB_MS: Record<string, number> = { GET: 40, HEAD: 20, POST: 100, PUT: 80, PATCH: 60, DELETE: 60 };

/** How long an answer takes at scale 1. */
export function answerMs(service: string, method: string, template: string): number {
  const word = template.slice(template.lastIndexOf('/') + 1);
  return ANSWERS_MS[`${service} ${method} ${word}`] ?? BY_VERB_MS[method] ?? 40;
}
