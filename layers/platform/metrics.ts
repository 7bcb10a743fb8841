/** Metrics in the embedded format: written with the logs, cost no call. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

export const metrics = new Metrics({ namespace: 'Moorage', serviceName: process.env.POWERTOOLS_SERVICE_NAME ?? 'moorage' });

/** Adds to a counter; `dimensions` make it a series of its own. */
export function count(name: string, by = 1, dimensions: Record<string, string> = {}): void {
  const single = metrics.singleMetric();
  for (const [key, value] of Object.entries(dimensions)) single.addDimension(key, value);
  single.addMetric(name, MetricUnit.Count, by);
}
