/** A node group's least and greatest size, and its size between them. */
import { refused } from './errors.ts';

export interface Limits { size: number; min: number; max: number | undefined }

/** Throws 409, as Magnum words it, when they contradict one another. */
export function requireLimits(name: string, { size, min, max }: Limits): void {
  if (max !== undefined && max < min) {
    throw refused(409, `max_node_count for ${name} is invalid (min_node_count (${min}) should be less or equal to max_node_count (${max})).`);
  }
  if (max !== undefined && size > max) {
    throw refused(409, `max_node_count for ${name} is invalid (node_count (${size}) should be less or equal to max_node_count (${max})).`);
  }
  if (min > size) throw refused(409, `min_node_count for ${name} is invalid (min_node_count (${min}) should be less or equal to node_count (${size})).`);
}
