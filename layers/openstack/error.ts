/** The services Moorage calls, by their type in Keystone's catalogue. */
export const serviceNames = ['identity', 'compute', 'network', 'block-storage', 'load-balancer', 'image', 'container-infra', 'orchestration'] as const;
export type Service = (typeof serviceNames)[number];

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface OpenStackErrorFields {
  service: Service;
  method: Method;
  path: string;
  /** HTTP status; 0 when there was no answer at all. */
  status: number;
  /** The service's own name for it (`IpAddressAlreadyAllocated`), or a connection's code (`ECONNREFUSED`). */
  type: string;
  /** What the service said, without secrets. */
  message: string;
  /** The service's own request id, to find the call in its log. */
  requestId?: string | undefined;
  /** How long the service asked to be left alone. */
  retryAfterMs?: number | undefined;
  /** Whether a quota is spent: trying again helps only after somebody raises it or frees something. */
  quota?: boolean;
}

/** Everything that goes wrong between us and any OpenStack service. Never holds a token, password or user data. */
export class OpenStackError extends Error {
  override name = 'OpenStackError';
  readonly service: Service;
  readonly method: Method;
  readonly path: string;
  readonly status: number;
  readonly type: string;
  declare readonly requestId?: string;
  declare readonly retryAfterMs?: number;
  readonly quota: boolean;

  constructor(fields: OpenStackErrorFields) {
    super(fields.message);
    this.service = fields.service;
    this.method = fields.method;
    this.path = fields.path;
    this.status = fields.status;
    this.type = fields.type;
    if (fields.requestId !== undefined) this.requestId = fields.requestId;
    if (fields.retryAfterMs !== undefined) this.retryAfterMs = fields.retryAfterMs;
    this.quota = fields.quota ?? false;
  }
}

/** Whether the error is OpenStack's answer with that status, and of that type where one is given. */
export function isOpenStackError(error: unknown, status?: number, type?: string): error is OpenStackError {
  return error instanceof OpenStackError
    && (status === undefined || error.status === status)
    && (type === undefined || error.type === type);
}
