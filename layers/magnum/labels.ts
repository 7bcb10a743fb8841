/** Labels: values are text, and some of them say how the cluster is to be. */
import ipaddr from 'ipaddr.js';
import { unless, type Problem } from '../admission/problem.ts';

export type Labels = Record<string, string>;
type Given = Record<string, string | number | boolean>;

/** The request's own in place of the template's, or on top of them; the template's where there are none. */
export function labelsOf(parent: Labels, given: Given | undefined, merge = false): Labels {
  if (!given || Object.keys(given).length === 0) return { ...parent };
  return merge ? { ...parent, ...textsOf(given) } : textsOf(given);
}

/** As Magnum keeps them: what is true is True. */
export const textsOf = (given: Given): Labels => Object.fromEntries(Object.entries(given).map(([key, value]) =>
  [key, typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)]));

/** A comma between each. */
export const listOf = (text = ''): string[] => text.split(',').map((item) => item.trim()).filter(Boolean);

/** With `auto_scaling_enabled` the size may change between `min_node_count` and `max_node_count`. */
export function limitsOf({ auto_scaling_enabled = '', min_node_count, max_node_count }: Labels, size: number): { min: number; max: number } | undefined {
  if (auto_scaling_enabled.toLowerCase() !== 'true') return undefined;
  const min = Number(min_node_count ?? 1);
  return { min, max: Number(max_node_count ?? Math.max(min, size) + 1) };
}

const block = /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/;
const isBlock = (text: string): boolean => block.test(text) && ipaddr.isValidCIDR(text);
const isCount = (text: string): boolean => /^\d{1,4}$/.test(text);

/** What is wrong with those that mean something. */
export function meaningProblems(labels: Labels): Problem[] {
  const { calico_ipv4pool: pods, master_lb_allowed_cidrs, boot_volume_size, min_node_count, max_node_count } = labels;
  const counts = { boot_volume_size, min_node_count, max_node_count };
  return [
    ...unless(pods === undefined || isBlock(pods), '$.labels.calico_ipv4pool', 'invalid_format', 'must be a block of IPv4 addresses such as 10.100.0.0/16'),
    ...unless(listOf(master_lb_allowed_cidrs).every(isBlock), '$.labels.master_lb_allowed_cidrs', 'invalid_format', 'must be blocks of IPv4 addresses with commas between them'),
    ...Object.entries(counts).flatMap(([name, value]) => unless(value === undefined || isCount(value), `$.labels.${name}`, 'invalid_format', 'must be a whole number')),
  ];
}
